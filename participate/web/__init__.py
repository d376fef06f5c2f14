"""Flask's side of the house: guards, pages, forms, errors, languages, headers. It knows no room."""
