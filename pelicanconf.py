"""The site's settings, for the author's own machine; publishconf.py has what differs for readers.

What each setting means: https://docs.getpelican.com/en/stable/settings.html
"""

SITENAME = "AI Terminal"
SITESUBTITLE = "Engineering and research of machine learning, code first"
SITEURL = ""
AUTHOR = "The AI Terminal authors"
DEFAULT_LANG = "en"
TIMEZONE = "UTC"
LOCALE = ["C.UTF-8", "C"]  # The same dates on every machine.
DEFAULT_DATE_FORMAT = "%Y-%m-%d"

# Where everything is.
PATH = "content"
ARTICLE_PATHS = ["posts"]
PAGE_PATHS = ["pages"]
STATIC_PATHS = ["extra"]
OUTPUT_PATH = "output"
CACHE_PATH = ".cache/pelican"
THEME = "themes/terminal"
USE_FOLDER_AS_CATEGORY = False
# A post's address is the name of its file or folder, whatever its title becomes. What is in
# extra/ goes to the root of the site.
PATH_METADATA = r"(posts|pages)/(?P<slug>[^/]+?)(/index)?\.\w+$|extra/(?P<path>.+)$"

# What checks, executes and renders. Who reads a file comes before who checks what was read.
PLUGIN_PATHS = ["."]
PLUGINS = [
    "plugins.diagnostics.plugin",
    "plugins.documents.plugin",
    "plugins.fences.plugin",
    "plugins.tex.plugin",
    "plugins.export.plugin",
    "plugins.policy.plugin",
    "pelican.plugins.render_math",
]
MATH_JAX = {"auto_insert": False, "process_summary": False}  # Formulas need no script.
TYPOGRIFY = True  # Our reader does it, so that it never touches code and formulas.
MARKDOWN = {
    "extension_configs": {
        "markdown.extensions.admonition": {},
        "markdown.extensions.extra": {},
        "markdown.extensions.meta": {},
        "markdown.extensions.sane_lists": {},
        "markdown.extensions.toc": {
            "permalink": "#",
            "permalink_title": "Link to this section",
            "toc_depth": "2-4",
        },
    },
    "output_format": "html5",
}

# What is published, and when.
WITH_FUTURE_DATES = False
DELETE_OUTPUT_DIRECTORY = False  # A build works in a fresh folder that replaces output/.

# Addresses: folders, so that none has to change with what makes the pages.
ARTICLE_URL = "posts/{slug}/"
ARTICLE_SAVE_AS = "posts/{slug}/index.html"
ARTICLE_LANG_URL = "posts/{slug}/{lang}/"
ARTICLE_LANG_SAVE_AS = "posts/{slug}/{lang}/index.html"
DRAFT_URL = "drafts/{slug}/"
DRAFT_SAVE_AS = "drafts/{slug}/index.html"
DRAFT_LANG_URL = "drafts/{slug}/{lang}/"
DRAFT_LANG_SAVE_AS = "drafts/{slug}/{lang}/index.html"
PAGE_URL = "{slug}/"
PAGE_SAVE_AS = "{slug}/index.html"
PAGE_LANG_URL = "{slug}/{lang}/"
PAGE_LANG_SAVE_AS = "{slug}/{lang}/index.html"
DRAFT_PAGE_URL = "drafts/pages/{slug}/"
DRAFT_PAGE_SAVE_AS = "drafts/pages/{slug}/index.html"
DRAFT_PAGE_LANG_URL = "drafts/pages/{slug}/{lang}/"
DRAFT_PAGE_LANG_SAVE_AS = "drafts/pages/{slug}/{lang}/index.html"
CATEGORY_URL = "category/{slug}/"
CATEGORY_SAVE_AS = "category/{slug}/index.html"
TAG_URL = "tag/{slug}/"
TAG_SAVE_AS = "tag/{slug}/index.html"
AUTHOR_URL = "author/{slug}/"
AUTHOR_SAVE_AS = "author/{slug}/index.html"
YEAR_ARCHIVE_URL = "archives/{date:%Y}/"
YEAR_ARCHIVE_SAVE_AS = "archives/{date:%Y}/index.html"
ARCHIVES_URL = "archives/"
ARCHIVES_SAVE_AS = "archives/index.html"
CATEGORIES_URL = "categories/"
CATEGORIES_SAVE_AS = "categories/index.html"
TAGS_URL = "tags/"
TAGS_SAVE_AS = "tags/index.html"
AUTHORS_URL = "authors/"
AUTHORS_SAVE_AS = "authors/index.html"
DIRECT_TEMPLATES = ["index", "archives", "categories", "tags", "authors", "404"]  # 404.html

# Feeds with the whole text.
FEED_ALL_ATOM = "feeds/all.atom.xml"
CATEGORY_FEED_ATOM = "feeds/{slug}.atom.xml"
TRANSLATION_FEED_ATOM = None
AUTHOR_FEED_ATOM = None
AUTHOR_FEED_RSS = None
# 30 is logging.WARNING; only a published feed needs SITEURL.
LOG_FILTER = [(30, "Feeds generated without SITEURL or FEED_DOMAIN set properly may not be valid")]
