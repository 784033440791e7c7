"""A local Discord: REST, gateway, files, validation rules, a control interface and a page for the browser."""
