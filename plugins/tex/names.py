"""The words that authors of papers use, for finding the one that was meant."""

COMMANDS = tuple(
    """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi
    pi rho sigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi
    Omega ell hbar nabla partial infty forall exists in notin subset subseteq supset cup cap
    setminus emptyset times cdot cdots ldots dots vdots ddots pm mp div circ odot otimes oplus
    star ast approx sim simeq equiv neq leq geq le ge ll gg propto mid parallel perp to mapsto
    rightarrow leftarrow Rightarrow Leftarrow leftrightarrow iff implies top bot prime
    frac dfrac tfrac sqrt binom sum prod int iint oint lim sup inf max min arg log ln exp sin cos
    tan tanh sinh cosh det dim ker Pr gcd left right big Big bigg Bigg langle rangle lVert rVert
    lvert rvert lfloor rfloor lceil rceil vert Vert mathbb mathcal mathbf mathrm mathit mathsf
    mathtt mathfrak boldsymbol bm text textbf textit operatorname hat widehat bar overline tilde
    vec dot ddot underline underbrace overbrace underset overset stackrel limits nolimits quad
    qquad displaystyle textstyle label eqref tag notag nonumber begin end color textcolor boxed
    cancel phantom middle not cfrac substack dotsb dotsc mbox nicefrac mathbbm mathds pmb newcommand
    renewcommand
    """.split()  # noqa: SIM905 - a list of words reads best as words.
)

_OF_PACKAGES = frozenset(
    {"bm", "cancel", "color", "mathbbm", "mathds", "nicefrac", "textcolor", "lVert", "lvert"}
)

OF_LATEX = frozenset(f"\\{name}" for name in COMMANDS if name not in _OF_PACKAGES)
"""Commands that LaTeX and amsmath define, so that nobody defines them by mistake."""

ENVIRONMENTS = tuple(
    """
    align align* aligned
    alignat alignat* alignedat array bmatrix* cases dcases rcases equation equation* gather
    gather* gathered flalign multline multline* pmatrix* split subarray matrix
    pmatrix bmatrix Bmatrix vmatrix Vmatrix
    """.split()  # noqa: SIM905 - as above.
)

INSTEAD = {
    "href": "put the link around the formula: [$x$](https://example.org)",
}
"""What to write for what LaTeX knows and no engine here does."""

COLOURS = frozenset(
    """
    aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet
    brown burlywood cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan
    darkblue darkcyan darkgoldenrod darkgray darkgreen darkgrey darkkhaki darkmagenta
    darkolivegreen darkorange darkorchid darkred darksalmon darkseagreen darkslateblue
    darkslategray darkslategrey darkturquoise darkviolet deeppink deepskyblue dimgray dimgrey
    dodgerblue firebrick floralwhite forestgreen fuchsia gainsboro ghostwhite gold goldenrod gray
    green greenyellow grey honeydew hotpink indianred indigo ivory khaki lavender lavenderblush
    lawngreen lemonchiffon lightblue lightcoral lightcyan lightgoldenrodyellow lightgray lightgreen
    lightgrey lightpink lightsalmon lightseagreen lightskyblue lightslategray lightslategrey
    lightsteelblue lightyellow lime limegreen linen magenta maroon mediumaquamarine mediumblue
    mediumorchid mediumpurple mediumseagreen mediumslateblue mediumspringgreen mediumturquoise
    mediumvioletred midnightblue mintcream mistyrose moccasin navajowhite navy oldlace olive
    olivedrab orange orangered orchid palegoldenrod palegreen paleturquoise palevioletred
    papayawhip peachpuff peru pink plum powderblue purple rebeccapurple red rosybrown royalblue
    saddlebrown salmon sandybrown seagreen seashell sienna silver skyblue slateblue slategray
    slategrey snow springgreen steelblue tan teal thistle tomato turquoise violet wheat white
    whitesmoke yellow yellowgreen
    """.split()  # noqa: SIM905 - as above.
)
"""The names of CSS Color Module Level 4, section 6.1."""
