"""LaTeX of the characters that formulas are made of (Unicode Technical Report 25; amsmath and amssymb)."""

_LETTERS = r"""
α \alpha β \beta γ \gamma δ \delta ε \varepsilon ϵ \epsilon ζ \zeta η \eta θ \theta ϑ \vartheta ι \iota κ \kappa
ϰ \varkappa λ \lambda μ \mu µ \mu ν \nu ξ \xi π \pi ϖ \varpi ρ \rho ϱ \varrho σ \sigma ς \varsigma τ \tau υ \upsilon
φ \varphi ϕ \phi χ \chi ψ \psi ω \omega Γ \Gamma Δ \Delta Θ \Theta Λ \Lambda Ξ \Xi Π \Pi Σ \Sigma Υ \Upsilon Φ \Phi
Ψ \Psi Ω \Omega ℓ \ell ℏ \hbar ħ \hbar ı \imath ȷ \jmath ℜ \Re ℑ \Im ℘ \wp ℵ \aleph ℶ \beth ∂ \partial ∇ \nabla
∞ \infty ∅ \emptyset ℝ \mathbb{R} ℂ \mathbb{C} ℕ \mathbb{N} ℤ \mathbb{Z} ℚ \mathbb{Q} ℙ \mathbb{P} ℍ \mathbb{H}
ℒ \mathcal{L} ℋ \mathcal{H} ℱ \mathcal{F} ℬ \mathcal{B} ℰ \mathcal{E} ℛ \mathcal{R} ℳ \mathcal{M}
𝟙 \mathbb{1} 𝔼 \mathbb{E} 𝕂 \mathbb{K} 𝔽 \mathbb{F} ⊤ \top ⊥ \bot ♯ \sharp ♭ \flat ♮ \natural ° ^\circ
"""
_RELATIONS = r"""
≤ \leq ⩽ \leqslant ≥ \geq ⩾ \geqslant ≠ \neq ≈ \approx ≃ \simeq ≅ \cong ≡ \equiv ∼ \sim ∝ \propto ≪ \ll ≫ \gg ∈ \in
∉ \notin ∋ \ni ⊂ \subset ⊃ \supset ⊆ \subseteq ⊇ \supseteq ⊊ \subsetneq ⊈ \nsubseteq → \to ⟶ \longrightarrow
← \leftarrow ⟵ \longleftarrow ↔ \leftrightarrow ⇒ \Rightarrow ⟹ \Longrightarrow ⇐ \Leftarrow ⇔ \Leftrightarrow
⟺ \Longleftrightarrow ↦ \mapsto ⟼ \longmapsto ↑ \uparrow ↓ \downarrow ↗ \nearrow ↘ \searrow ↪ \hookrightarrow
↠ \twoheadrightarrow ⇀ \rightharpoonup ⇌ \rightleftharpoons ⊢ \vdash ⊨ \models ∣ \mid ∤ \nmid ∥ \parallel ⟂ \perp
≺ \prec ≻ \succ ⪯ \preceq ⪰ \succeq ≜ \triangleq ≔ \coloneqq ≐ \doteq ⊑ \sqsubseteq ≲ \lesssim ≳ \gtrsim ≮ \nless
≯ \ngtr ⊲ \triangleleft ⊳ \triangleright
"""
_OPERATORS = r"""
− - ± \pm ∓ \mp × \times ÷ \div · \cdot ⋅ \cdot ∗ * ∘ \circ ∙ \bullet • \bullet ⊕ \oplus ⊗ \otimes ⊖ \ominus
⊙ \odot ∪ \cup ∩ \cap ⊎ \uplus ⊔ \sqcup ⊓ \sqcap ∧ \wedge ∨ \vee ¬ \neg ∖ \setminus ⋆ \star † \dagger ‡ \ddagger
⋊ \rtimes ⋉ \ltimes
"""
_LARGE = r"""
∑ \sum ∏ \prod ∐ \coprod ∫ \int ∬ \iint ∭ \iiint ∮ \oint ⋃ \bigcup ⋂ \bigcap ⨁ \bigoplus ⨂ \bigotimes ⋁ \bigvee
⋀ \bigwedge ⨆ \bigsqcup
"""
_OTHER = r"""
∀ \forall ∃ \exists ∄ \nexists … \ldots ⋯ \cdots ⋮ \vdots ⋱ \ddots ∴ \therefore ∵ \because ∠ \angle △ \triangle
□ \square ◻ \square ∎ \blacksquare √ \surd ⟨ \langle ⟩ \rangle 〈 \langle 〉 \rangle ⌈ \lceil ⌉ \rceil ⌊ \lfloor
⌋ \rfloor ‖ \| ′ ' ″ '' ‴ ''' ∶ : ⁄ / ∕ / ‐ - ‑ -
"""
# Above or below a letter.
_ACCENTS = r"""
^ \hat ˆ \hat ̂ \hat ˇ \check ~ \tilde ˜ \tilde ∼ \tilde ¯ \bar ‾ \overline ̅ \overline ― \overline _ \underline
̲ \underline → \vec ⃗ \vec ⇀ \vec ˙ \dot . \dot ¨ \ddot ⃛ \dddot ´ \acute ` \grave ˘ \breve ˚ \mathring
⏞ \overbrace ⏟ \underbrace ← \overleftarrow ↔ \overleftrightarrow
"""
FUNCTIONS = frozenset(
    r"""arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln log max
min Pr sec sin sinh sup tan tanh""".replace("\n", " ").split(" ")
)
# Escaped wherever they are meant as characters.
ESCAPED = {
    "#": r"\#", "$": r"\$", "%": r"\%", "&": r"\&", "_": r"\_", "{": r"\{", "}": r"\}", "~": r"\sim ",
    "\\": r"\backslash ", "^": r"\hat{}",
}  # fmt: skip
# Function application, times, separator, plus; joiners; combining graphemes; spaces without width.
INVISIBLE = frozenset("\u2061\u2062\u2063\u2064\u200b\u200c\u200d\u2060\ufeff\u00ad")


def _pairs(said: str) -> dict[str, str]:
    words = said.split()
    return dict(zip(words[::2], words[1::2], strict=True))


RELATIONS = _pairs(_RELATIONS)
OPERATORS = _pairs(_OPERATORS)
LARGE = _pairs(_LARGE)
ACCENTS = _pairs(_ACCENTS)
SYMBOLS = {**_pairs(_LETTERS), **RELATIONS, **OPERATORS, **LARGE, **_pairs(_OTHER)}
