"""From a step and a lead to the message that goes: templates, spintax, links, previews."""
