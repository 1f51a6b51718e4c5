"""Names that pages use around listings, one word each."""

# Classes of elements that show line numbers or copy a listing.
GUTTER = """
lineno linenos linenodiv linenumber line-number linenumbers line-numbers line-numbers-rows line_numbers gutter ln lnt
hljs-ln-numbers hljs-ln-line-numbers blob-num rouge-gutter react-syntax-highlighter-line-number crayon-nums
copybtn copy-button copy-btn btn-clipboard clipboard-copy
"""
# Classes of tables in which a highlighter puts code.
CODE_TABLES = "highlighttable codehilitetable rouge-table lntable hljs-ln syntaxhighlighter crayon-table highlight"
# Classes of the element of one line.
LINES = "line token-line code-line cl"
LANGUAGES = """
abap ada apache applescript asm assembly awk bash basic batch c c++ clojure cmake cobol coffeescript console cpp cs
csharp csh css cuda cython d dart diff dockerfile dosbatch elisp elixir elm erlang f90 fortran fsharp gcode glsl go
golang graphql groovy haskell hcl html http idl ini ipython ipython3 java javascript jinja js json jsonc jsx julia
kotlin latex less lisp llvm lua make makefile markdown matlab mermaid mysql nasm nginx nim nix objc objective-c
objectivec ocaml octave pascal perl perl6 php plpgsql postgresql powershell prolog properties proto protobuf ps1 pycon
pytb python python2 python3 py r raku rb reg rest rust rs ruby sass scala scheme scss sh shell shell-session sql
sqlite swift tcl tcsh terraform tex toml ts tsx typescript vb vbnet verilog vhdl vim xml xslt yaml yml zig zsh
"""
NO_LANGUAGE = "none text plain plaintext default txt nohighlight no-highlight output literal notranslate"
# Elements that do not break a line.
INLINE = """
a abbr b bdi bdo big cite code data del dfn em font i ins kbd label mark math nobr q s samp small span strike strong
sub sup time tt u var wbr
"""
