# pip, uv and conda read these files.
install_from() {
  mkdir -p "$HOME/.config/pip" "$HOME/.config/uv"
  (
    umask 077
    printf '[global]\nindex-url = %s\n' "$1" >"$HOME/.config/pip/pip.conf"
    printf '[[index]]\nurl = "%s"\ndefault = true\n' "$1" >"$HOME/.config/uv/uv.toml"
  )
}
# The company's mirror comes first, then its package repository, whose tokens are valid for twelve hours.
if [ -n "$PACKAGE_INDEX" ]; then
  install_from "$PACKAGE_INDEX"
elif [ -n "$PACKAGE_DOMAIN" ]; then
  {
    echo '#!/bin/bash'
    declare -p PACKAGE_DOMAIN PACKAGE_OWNER PACKAGE_REPOSITORY REGION
    declare -f install_from
    cat <<'END'
set -eu
token=$(aws codeartifact get-authorization-token --region "$REGION" --domain "$PACKAGE_DOMAIN" \
  --domain-owner "$PACKAGE_OWNER" --query authorizationToken --output text)
host="$PACKAGE_DOMAIN-$PACKAGE_OWNER.d.codeartifact.$REGION.amazonaws.com"
install_from "https://aws:$token@$host/pypi/$PACKAGE_REPOSITORY/simple/"
END
  } >"$HOME/.local/bin/renew-package-token"
  chmod +x "$HOME/.local/bin/renew-package-token"
  # An app without packages is better than no app.
  "$HOME/.local/bin/renew-package-token" || echo "No token for packages. Try again: ~/.local/bin/renew-package-token" >&2
fi
