# CodeCommit is in another account. Each use case has a role there, which the name of a repository leads to, and no
# password is ever written down (EXP-07).
mkdir -p "$HOME/.local/bin" "$HOME/.aws"
if [ -n "$CODE_ROLES" ]; then
  {
    echo '#!/bin/bash'
    declare -p CODE_ROLES CONTRIBUTOR REGION
    cat <<'END'
set -eu
asked=$(cat)
use_case=$(sed -n 's|^path=v1/repos/\(.*\)-.*|\1|p' <<<"$asked")
config=${AWS_CONFIG_FILE:-$HOME/.aws/config}
grep -qsF "[profile $use_case]" "$config" || cat >>"$config" <<PROFILE

[profile $use_case]
role_arn = $CODE_ROLES$use_case-$CONTRIBUTOR
credential_source = EcsContainer
region = $REGION
PROFILE
aws --profile "$use_case" codecommit credential-helper "$@" <<<"$asked"
END
  } >"$HOME/.local/bin/git-credential-use-case"
  chmod +x "$HOME/.local/bin/git-credential-use-case"
  host="https://git-codecommit.$REGION.amazonaws.com"
  git config --global "credential.$host.helper" "$HOME/.local/bin/git-credential-use-case"
  git config --global "credential.$host.UseHttpPath" true
fi
git config --global --get init.defaultBranch >/dev/null || git config --global init.defaultBranch main
# What a person has chosen stays.
git config --global --get user.name >/dev/null || git config --global user.name "$PERSON"
