"""Everything a person can do, as data: menus, keys, palette and sheet are made from it."""
