"""LaTeX becomes MathML as papers use it, and each mistake is told at its place in the file."""

import re
from xml.etree import ElementTree as ET

import pytest
from math_core import LatexToMathML

from plugins.documents.parse import parse
from plugins.tex.convert import ID_PREFIX, convert
from plugins.tex.errors import explain
from plugins.tex.names import COMMANDS, ENVIRONMENTS, INSTEAD
from plugins.tex.preamble import BUILT_IN
from plugins.tex.styles import _ATTRIBUTES, CLASSES, without_style_attributes

CORPUS = r"""
\nabla_\theta J(\theta) = \mathbb{E}_{\tau \sim \pi_\theta}\left[\sum_{t=0}^{T} \nabla_\theta \log \pi_\theta(a_t \mid s_t) R_t\right]
\operatorname{Attention}(Q, K, V) = \operatorname{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right) V
\mathcal{L}(\theta) = -\frac{1}{N} \sum_{i=1}^{N} \log p_\theta(y_i \mid x_i)
W_0 + \Delta W = W_0 + BA, \quad B \in \mathbb{R}^{d \times r},\ A \in \mathbb{R}^{r \times k}
D_{\mathrm{KL}}(p \,\|\, q) = \int p(x) \log \frac{p(x)}{q(x)} \, dx
\mathrm{ELBO} = \mathbb{E}_{q_\phi(z \mid x)}[\log p_\theta(x \mid z)] - \KL(q_\phi(z \mid x) \,\|\, p(z))
q(x_t \mid x_{t-1}) = \mathcal{N}\!\left(x_t; \sqrt{1 - \beta_t}\, x_{t-1}, \beta_t \mathbf{I}\right)
\bar\alpha_t = \prod_{s=1}^{t} (1 - \beta_s)
\epsilon_\theta(x_t, t) \approx -\sqrt{1 - \bar\alpha_t}\, \nabla_{x_t} \log p(x_t)
\hat{y} = \argmax_{y \in \mathcal{Y}} p_\theta(y \mid x)
\theta_{t+1} = \theta_t - \eta \frac{\hat{m}_t}{\sqrt{\hat{v}_t} + \epsilon}
m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2) g_t^2
\operatorname{LayerNorm}(x) = \gamma \odot \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta
\mathrm{GELU}(x) = x \Phi(x) \approx 0.5x\left(1 + \tanh\left[\sqrt{2/\pi}\,(x + 0.044715x^3)\right]\right)
\sigma(x) = \frac{1}{1 + e^{-x}}
\softmax(z)_i = \frac{e^{z_i}}{\sum_{j=1}^{K} e^{z_j}}
\norm{x}_2 = \sqrt{\sum_i x_i^2}
\abs{a - b} \le \abs{a} + \abs{b}
\lVert W \rVert_F^2 = \operatorname{tr}(W^\top W)
\|x\|_\infty = \max_i |x_i|
x \in \R^n, \quad \E[x] = 0
f: \mathbb{R}^n \to \mathbb{R}^m
\forall \epsilon > 0\ \exists \delta > 0
A = U \Sigma V^{\top}
\mathbf{x}^\top \boldsymbol{\Lambda} \mathbf{x}
\bm{\theta} \in \Theta
\begin{pmatrix} a & b \\ c & d \end{pmatrix}
\begin{bmatrix} \cos\theta & -\sin\theta \\ \sin\theta & \cos\theta \end{bmatrix}
\begin{vmatrix} a & b \\ c & d \end{vmatrix}
\begin{Bmatrix} a \\ b \end{Bmatrix}
\begin{Vmatrix} a \\ b \end{Vmatrix}
\begin{matrix} 1 & 2 \\ 3 & 4 \end{matrix}
\begin{bmatrix} x_1 & \cdots & x_n \\ \vdots & \ddots & \vdots \\ y_1 & \cdots & y_n \end{bmatrix}
\operatorname{ReLU}(x) = \begin{cases} x & \text{if } x > 0, \\ 0 & \text{otherwise} \end{cases}
f(x) = \begin{dcases} \frac{1}{2} & x \ge 0 \\ 0 & x < 0 \end{dcases}
\begin{rcases} a \\ b \end{rcases} = c
\begin{aligned} a &= b + c \\ &= d \end{aligned}
\begin{gathered} a = b \\ c = d \end{gathered}
\begin{align} a &= b \label{one} \\ c &= d \notag \end{align}
\begin{align*} a &= b & c &= d \\ e &= f & g &= h \end{align*}
\begin{gather} a \\ b \end{gather}
\begin{gather*} a \\ b \end{gather*}
\begin{equation} E = mc^2 \label{two} \end{equation}
\begin{equation*} E = mc^2 \end{equation*}
\begin{equation} x \tag{A} \end{equation}
\begin{multline} a + b \\ + c \\ + d \end{multline}
\begin{array}{lcr} a & b & c \\ d & e & f \end{array}
\begin{array}{|c|c|} \hline a & b \\ \hline c & d \\ \hline \end{array}
\begin{array}{c:c} a & b \\ \hdashline c & d \end{array}
\begin{array}{l|r} \text{model} & \text{loss} \\ \hline \text{A} & 0.1 \end{array}
\begin{subarray}{c} i < n \\ j < m \end{subarray}
\sum_{\begin{subarray}{l} i \\ j \end{subarray}} x_{ij}
\left( \frac{a}{b} \right)^2 + \left\{ \frac{c}{d} \right\}
\left. \frac{\partial f}{\partial x} \right|_{x = 0}
\left\langle x, y \right\rangle = \langle y, x \rangle
\bigl( \Bigl[ \biggl\{ \Biggl| x \Biggr| \biggr\} \Bigr] \bigr)
\lfloor x \rfloor \le x \le \lceil x \rceil
\underbrace{a + \cdots + a}_{n \text{ times}}
\overbrace{x + y}^{z}
\overset{!}{=} \underset{x}{\min}
\stackrel{\text{def}}{=}
\hat{x} \bar{x} \tilde{x} \vec{x} \dot{x} \ddot{x} \widehat{xy} \overline{xy} \underline{xy}
\binom{n}{k} = \frac{n!}{k!(n-k)!}
\tfrac{1}{2} + \dfrac{1}{2} + \cfrac{1}{1 + \cfrac{1}{2}}
\sqrt[3]{x}
\int_0^\infty e^{-x^2}\,dx \quad \iint_D f \quad \oint_C g
\lim_{n \to \infty} a_n = \sup_{x} \inf_{y} f
a\!b \, c \: d \; e \quad f \qquad g
a \hspace{1em} b \hspace{-0.5em} c \kern 2pt d
\color{red} x + y
\textcolor{blue}{x} + {\color{teal} y}
\boxed{E = mc^2}
\cancel{x} + \bcancel{y} + \xcancel{z}
\phantom{x} + \hphantom{y} + \vphantom{z}
x' + x'' + x^{\prime}
x_i^j + {}_a^b X
\mathbb{ABC} \mathcal{ABC} \mathfrak{ABC} \mathscr{ABC} \mathsf{ABC} \mathtt{ABC} \mathit{ABC} \mathrm{ABC}
\text{a \& b} \textbf{bold} \textit{italic} \texttt{mono}
\alpha \beta \gamma \delta \varepsilon \zeta \eta \vartheta \iota \kappa \lambda \mu \nu \xi \rho \varphi \chi \psi \omega
\Gamma \Delta \Theta \Lambda \Xi \Pi \Sigma \Phi \Psi \Omega
a \leq b \geq c \neq d \approx e \sim f \equiv g \propto h \ll i \gg j
a \subset b \subseteq c \in d \notin e \cup f \cap g \setminus h \emptyset
a \to b \mapsto c \Rightarrow d \iff e \implies f \xrightarrow{g} h
a \cdot b \times c \div d \pm e \odot f \otimes g \oplus h \circ i \star j
\not\in \not= \nmid
\dots \ldots \cdots \vdots \ddots
\mathbb{1}[x > 0]
\operatorname*{arg\,min}_x f(x)
\sum\nolimits_{i} x_i + \sum\limits_{i} x_i
\displaystyle \sum_i x_i \textstyle \sum_i x_i
O(n \log n) \ll \Omega(n^2)
10^{-3} \approx 0.1\%, \quad \#\{x\} \ \& \ \$5 \_ \{ \}
a := b \coloneqq c \triangleq d
\lambda \mathrel{:} \mathbin{+} \mathord{x}
p(x|z) = p(x \mid z) = p(x \vert z)
\text{for } i = 1, \dots, n
\newcommand{\vv}{\mathbf{v}} \vv + \vv
\textsc{Adam}
""".strip().split("\n")  # fmt: skip  # noqa: E501


def formulas(text):
    return parse(text.encode(), "post.md").formulas


def told(text):
    """Return what is wrong with the formulas of *text*."""
    return [str(one) for one in convert(formulas(text)).diagnostics]


def html(text):
    """Return the HTML of the formulas of *text*, which are all good."""
    converted = convert(formulas(text))
    assert not [one for one in converted.diagnostics if one.code != "maths-label-unused"]
    return converted.html


# A corpus.


def test_the_corpus_is_as_papers_write():
    assert len(CORPUS) >= 80


@pytest.mark.parametrize("tex", CORPUS)
def test_what_papers_write_becomes_clean_mathml(tex):
    (displayed,) = html(f"$$\n{tex}\n$$\n")

    assert " style=" not in displayed
    assert "<script" not in displayed
    tree = ET.fromstring(displayed)  # noqa: S314 - it is ours.
    math = tree.find(".//math")
    assert math.get("display") == "block"
    assert math.find(".//annotation").text == f"\n{tex}\n"


def test_a_formula_in_a_line_brings_no_box():
    (inline,) = html("a $x$ b\n")

    assert inline == (
        "<math><semantics><mi>x</mi>"
        '<annotation encoding="application/x-tex" aria-hidden="true">x</annotation>'
        "</semantics></math>"
    )


def test_a_displayed_formula_scrolls_and_can_be_reached_by_keyboard():
    (displayed,) = html("$$x$$\n")

    assert displayed.startswith(
        '<div class="eq"><div class="eq-scroll" role="group" tabindex="0" aria-label="Equation">'
        '<math display="block">'
    )


# Styles.


def declarations(mathml):
    """Yield each declaration of a style attribute of *mathml*."""
    for style in re.findall(r' style="([^"]*)"', mathml):
        for declaration in filter(None, (part.strip() for part in style.split(";"))):
            name, _, value = declaration.partition(":")
            # An attribute of the same element may say the same.
            if f' {name}="{value}"' not in mathml:
                yield name.strip(), value.strip()


def test_there_is_a_class_for_every_declaration_that_math_core_writes():
    converter = LatexToMathML(annotation=True, macros=BUILT_IN)
    seen = {
        declaration
        for tex in CORPUS
        for display in (True, False)
        for declaration in declarations(
            converter.convert_with_local_state(tex, displaystyle=display)
        )
    }
    assert len(seen) > 10

    unknown = {
        f"{name}: {value}"
        for name, value in seen
        if name not in _ATTRIBUTES
        and f"{name}: {value}" not in CLASSES
        # Space has a class for each step.
        and not (name == "margin-left" and value.startswith("-"))
        and name not in {"padding-left", "padding-right"}
    }
    assert unknown == set()


@pytest.mark.parametrize(
    ("styled", "clean"),
    [
        ('<mi style="color:#ff0000">x</mi>', '<mi mathcolor="#ff0000">x</mi>'),
        ('<mspace style="margin-left:-0.16666667em;"/>', '<mspace class="tex-neg3"/>'),
        ('<mspace style="margin-left:-5em;"/>', '<mspace class="tex-neg18"/>'),
        (
            '<mtd class="a" style="padding-left: 0;text-align: left;justify-items: start;">',
            '<mtd class="a tex-pl0 tex-left">',
        ),
        (
            '<mtable style="width: 100%" scriptlevel="0">',
            '<mtable class="tex-wide" scriptlevel="0">',
        ),
        (
            '<annotation>style="color: red"</annotation>',
            '<annotation>style="color: red"</annotation>',
        ),
    ],
)
def test_styles_become_classes_and_attributes(styled, clean):
    assert without_style_attributes(styled) == clean


# Safety.


@pytest.mark.parametrize(
    "tex",
    [
        "</annotation><script>alert(1)</script>",
        r"\text{</annotation></semantics></math><script>alert(1)</script>}",
        r"\text{<img src=x onerror=alert(1)>}",
        r"a \text{ style=\"color: red\" } b",
        "a < b > c & d".replace("&", r"\&"),
    ],
)
def test_tags_in_a_formula_are_text(tex):
    (found,) = html(f"${tex}$\n")

    tree = ET.fromstring(found)  # noqa: S314 - it is ours.
    assert {element.tag for element in tree.iter()} <= {
        *("math", "semantics", "annotation", "mrow", "mi", "mo", "mtext", "mn", "mspace")
    }
    assert tree.find(".//annotation").text == tex


@pytest.mark.parametrize(
    "tex",
    [r"\href{javascript:alert(1)}{x}", r"\class{a}{x}", r"\style{color:red}{x}", r"\unicode{x}"],
)
def test_commands_that_make_html_are_unknown(tex):
    assert "[maths-unknown-command]" in told(f"${tex}$\n")[0]


# Mistakes.


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            r"$\alhpa$",
            r"1:2: unknown command \alhpa [maths-unknown-command]",
            r"did you mean \alpha?",
        ),
        (
            r"$\nrom{x}$",
            r"1:2: unknown command \nrom [maths-unknown-command]",
            r"did you mean \norm?",
        ),
        (
            r"$\qqqq$",
            r"1:2: unknown command \qqqq [maths-unknown-command]",
            r"define it in the setting MATH_MACROS, or write \operatorname{name}",
        ),
        (
            r"$\begin{algn} x \end{algn}$",
            "1:8: unknown environment algn [maths-unknown-environment]",
            "did you mean align?",
        ),
        (
            r"$\begin{itemize} x \end{itemize}$",
            "1:8: unknown environment itemize [maths-unknown-environment]",
            "these are known: align, aligned, cases, equation, gather, matrix, pmatrix, bmatrix",
        ),
        (
            r"$\frac{1}{2$",
            "1:12: expected closing token }, but reached end of input [maths-unbalanced]",
            "each { needs its }",
        ),
        (
            "$x}$",
            "1:3: unmatched closing token: } [maths-unbalanced]",
            "something is opened and not closed",
        ),
        (
            r"$\left( x$",
            r"1:10: expected closing token \right, but reached end of input [maths-unbalanced]",
            "something is opened and not closed",
        ),
        (
            r"$\left( x \right$",
            r"1:17: there must be a parenthesis after \right, but not found [maths-unbalanced]",
            r"\left and \right each need a bracket; `.` is none",
        ),
        (
            r"$\begin{matrix} a \end{pmatrix}$",
            r"1:19: expected \end{matrix}, but found \end{pmatrix} [maths-unbalanced]",
            "an environment ends by its own name",
        ),
        (
            "$a & b$",
            "1:4: found &, which may only appear in a table-like environment [maths-alignment]",
            r"write \& for the sign, or use an environment such as aligned",
        ),
        (
            "$x_1_2$",
            "1:5: duplicate subscript or superscript [maths-double-script]",
            "group what belongs together: {x_1}_2 or x_{1,2}",
        ),
        (
            r"$x \label{a}$",
            "1:4: a label names the number of an equation, and this one has none [maths-label]",
            r"write it in \begin{equation} … \end{equation}, without a star and without \notag",
        ),
        (
            "$#1$",
            "1:2: macro parameter found outside of custom command definition [maths-syntax]",
            r"write \# for the sign",
        ),
        (
            r"$y \color{lightgreeen} x$",
            "1:10: unknown color lightgreeen [maths-syntax]",
            "colours are named, such as red, blue, teal, orange or gray, or digits: #0055aa",
        ),
        ("$$ $$\n", "1:3: the formula is empty [maths-empty]", "remove its delimiters"),
        (
            "$50% x$",
            "1:4: % makes a comment of the rest of the line [maths-comment]",
            r"write \% for the sign; put a comment on a line of its own",
        ),
        (
            "$$\na = 50% x\n+ b\n$$\n",
            "2:7: % makes a comment of the rest of the line [maths-comment]",
            r"write \% for the sign; put a comment on a line of its own",
        ),
        # Over several lines, in what holds them.
        (
            "> a $x +\n>  \\foo$ b\n",
            r"2:4: unknown command \foo [maths-unknown-command]",
            r"define it in the setting MATH_MACROS, or write \operatorname{name}",
        ),
        (
            "- a\n\n  $$\n  a\n    \\qqqq\n  $$\n",
            r"5:5: unknown command \qqqq [maths-unknown-command]",
            r"define it in the setting MATH_MACROS, or write \operatorname{name}",
        ),
        (
            "Title: a\n\né $é \\qqqq$\n",
            r"3:6: unknown command \qqqq [maths-unknown-command]",
            r"define it in the setting MATH_MACROS, or write \operatorname{name}",
        ),
        (
            "\\begin{align}\na &= b \\\\\n𝔸 &= \\qqqq\n\\end{align}\n",
            r"3:6: unknown command \qqqq [maths-unknown-command]",
            r"define it in the setting MATH_MACROS, or write \operatorname{name}",
        ),
    ],
)
def test_a_mistake_is_told_at_its_place(text, message, hint):
    assert told(text) == [f"post.md:{message}\n  hint: {hint}"]


def test_every_mistake_of_a_post_is_told_and_the_rest_is_rendered():
    converted = convert(formulas("$\\qqqq$ $x$ $x_1_2$ $y$\n"))

    assert [one.code for one in converted.diagnostics] == [
        "maths-unknown-command",
        "maths-double-script",
    ]
    assert [bool(one) for one in converted.html] == [False, True, False, True]


@pytest.mark.parametrize(
    "text",
    [
        "$$\n% what it is\na\n$$\n",
        "$$\na \\\\ % first\nb\n$$\n",
        "$50\\% x$\n",
        "$$\n\\frac{a}{%\nb}\n$$\n",
    ],
)
def test_a_comment_on_purpose_and_an_escaped_sign_are_fine(text):
    assert told(text) == []


def test_an_error_that_is_not_known_is_told_as_it_came():
    found = explain("3: Something New.", "abcdef")

    assert (found.offset, found.code, found.message) == (3, "maths-syntax", "something New")
    assert explain("no number", "abc").offset == 0


def test_what_hints_name_is_known():
    """A hint never names what does not compile, nor what is right already."""

    def unknown(tex):
        return "unknown" in " ".join(told(f"${tex}$\n"))

    assert [name for name in COMMANDS if unknown(f"\\{name}")] == []
    assert [name for name in ENVIRONMENTS if unknown(f"\\begin{{{name}}} a \\end{{{name}}}")] == []
    assert [
        name
        for name in INSTEAD
        if not (unknown(f"\\{name}") and unknown(f"\\begin{{{name}}} a \\end{{{name}}}"))
    ] == []


# Numbers, labels and references.

EQUATION = "\\begin{{equation}}\n{0} \\label{{{0}}}\n\\end{{equation}}\n\n"


def test_numbers_count_through_the_post_and_references_find_them():
    text = f"$\\eqref{{b}}$\n\n{EQUATION.format('a')}{EQUATION.format('b')}$\\eqref{{a}}$\n"
    above, first, second, below = html(text)

    assert f'<a href="#{ID_PREFIX}b">(2)</a>' in above
    number = f'<a class="eq-number" id="{ID_PREFIX}a" href="#{ID_PREFIX}a">(1)</a>'
    assert first.endswith(f"</math></div>{number}</div>")
    assert ">(2)</a>" in second
    assert f'<a href="#{ID_PREFIX}a">(1)</a>' in below


def test_each_post_counts_from_one():
    assert "(1)" in html(EQUATION.format("a"))[0]
    assert "(1)" in html(EQUATION.format("a"))[0]


def test_labels_and_references_that_do_not_match_are_told():
    text = f"{EQUATION.format('a')}{EQUATION.format('a')}{EQUATION.format('b')}$x \\eqref{{c}}$\n"

    assert told(text) == [
        (
            "post.md:6:3: the label a is taken: line 2 [maths-label]\n"
            "  hint: a label names one equation of a post"
        ),
        (
            "post.md:13:4: no equation of this post has the label c [maths-reference]\n"
            "  hint: the labels are: a, b"
        ),
        (
            "post.md:2:3: warning: nothing refers to the label a [maths-label-unused]\n"
            "  hint: refer to it by \\eqref{a}, or remove it"
        ),
        (
            "post.md:10:3: warning: nothing refers to the label b [maths-label-unused]\n"
            "  hint: refer to it by \\eqref{b}, or remove it"
        ),
    ]
    assert told("$\\eqref{a}$\n") == [
        (
            "post.md:1:2: no equation of this post has the label a [maths-reference]\n"
            "  hint: the labels are: none"
        )
    ]


def test_a_label_of_an_equation_that_does_not_compile_is_not_missed():
    text = "\\begin{equation}\n\\qqqq \\label{a}\n\\end{equation}\n\n$\\eqref{a}$\n"

    assert [one.split("[")[-1].split("]")[0] for one in told(text)] == ["maths-unknown-command"]


# Bounds.


@pytest.mark.parametrize("deep", ["{" * 6000 + "x" + "}" * 6000, r"\sqrt " * 4000 + "x"])
def test_a_formula_without_end_is_told_of_and_ends_nothing(deep):
    converted = convert(parse(f"Title: T\n\n$${deep}$$\n".encode(), "post.md").formulas)

    assert [found.code for found in converted.diagnostics] == ["maths-too-long"]
