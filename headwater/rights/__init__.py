"""Rights: licence evidence, consent signals, and the policy that turns them into a class. Evidence, never a verdict."""
