# Libraries come from the company's mirror, where there is one: pip, uv and conda read these files.
if [ -n "$PACKAGE_INDEX" ]; then
  mkdir -p "$HOME/.config/pip" "$HOME/.config/uv"
  printf '[global]\nindex-url = %s\n' "$PACKAGE_INDEX" >"$HOME/.config/pip/pip.conf"
  printf '[[index]]\nurl = "%s"\ndefault = true\n' "$PACKAGE_INDEX" >"$HOME/.config/uv/uv.toml"
fi
