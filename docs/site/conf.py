# SPDX-FileCopyrightText: Contributors to the selfhosted.jitsi project
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Sphinx does with the pages that tests/tools/docs.py puts together."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes

project = "selfhosted.jitsi"
author = "Contributors to the selfhosted.jitsi project"
project_copyright = author

extensions = ["myst_parser", "sphinx_antsibull_ext"]
exclude_patterns = ["site"]
# A guide links to a heading of another one as on GitHub: `check.md#on-the-machines`.
myst_heading_anchors = 4
nitpicky = True
# Commands and what programs print are no Python, which Sphinx would take them for.
highlight_language = "none"

html_theme = "furo"
html_title = project
html_static_path = ["site/static"]
html_css_files = ["site.css"]
html_favicon = "site/static/favicon.svg"
html_use_index = False
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
# One style for both lights would be too pale in one of them for WCAG AA.
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"

#: Where Ansible explains what the pages of modules and roles refer to.
ANSIBLE = "https://docs.ansible.com/ansible/latest"
LABELS = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}
PLUGIN = re.compile(r"ansible_collections\.ansible\.builtin\.(\w+_(?:module|connection|lookup|filter|test))")


#: The modules, filters, tests and roles that the pages name in code, and the variables of roles.
OURS = re.compile(r"selfhosted\.jitsi\.(\w+)")
VARIABLE = re.compile(r"(jitsi_meet|nat_host|reverse_proxy|videobridge)_\w+")
KINDS = ("module", "role", "filter", "test")
#: What the theme and antsibull-docs write, and what screen readers need in its place.
MARKUP = (
    ('class="caption" role="heading"', 'class="caption" role="heading" aria-level="2"'),
    ('aria-role="button" ', ""),
)


def link_to_ansible(_app: Any, _env: Any, node: Any, shown: nodes.Node) -> nodes.reference | None:
    """Return a link to Ansible's own documentation; anything else that is missing stays a warning."""
    label = node.get("reftarget", "")
    plugin = PLUGIN.fullmatch(label)
    page = f"collections/ansible/builtin/{plugin[1]}.html" if plugin else LABELS.get(label)
    return nodes.reference("", "", shown, internal=False, refuri=f"{ANSIBLE}/{page}") if page else None


def _labels(text: str) -> list[str]:
    """Return the labels that the explanation of a name in code could have."""
    prefix = "ansible_collections.selfhosted.jitsi."
    if ours := OURS.fullmatch(text):
        return [f"{prefix}{ours[1]}_{kind}" for kind in KINDS]
    if variable := VARIABLE.fullmatch(text):
        return [f"{prefix}{variable[1]}_role__parameter-main__{text}"]
    return []


def link_names(app: Any, doctree: nodes.document, page: str) -> None:
    """Link the first naming of each variable, module, filter, test and role in a section to its explanation."""
    if page.startswith("reference/"):
        return
    known = app.env.domains["std"].anonlabels
    for section in doctree.findall(nodes.section):
        linked = set()
        own = [child for child in section.children if not isinstance(child, nodes.section)]
        for literal in [node for child in own for node in child.findall(nodes.literal)]:
            text = literal.astext()
            label = next((label for label in _labels(text) if label in known), None)
            plain = isinstance(literal.parent, (nodes.paragraph, nodes.list_item, nodes.entry))
            if label and plain and text not in linked:
                linked.add(text)
                target, anchor = known[label]
                where = f"{app.builder.get_relative_uri(page, target)}#{anchor}"
                literal.replace_self(nodes.reference("", "", literal.deepcopy(), internal=True, refuri=where))


def correct_markup(_app: Any, _page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    """Correct the markup that screen readers stumble over."""
    for part in ("body", "furo_navigation_tree"):
        for wrong, right in MARKUP:
            if context.get(part):
                context[part] = context[part].replace(wrong, right)


def setup(app: Any) -> None:
    """Tell Sphinx what is done beside its own work."""
    app.connect("missing-reference", link_to_ansible)
    app.connect("doctree-resolved", link_names)
    # Behind the theme, which makes the navigation at 500.
    app.connect("html-page-context", correct_markup, priority=900)
