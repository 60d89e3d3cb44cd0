"""What all pages share: templates, words, numbers and moments in the reader's language, light and dark."""
