# CodeCommit by the role's own credentials, through the network's endpoint: no password is ever written down (EXP-07).
git config --global credential.helper '!aws codecommit credential-helper $@'
git config --global credential.UseHttpPath true
git config --global --get init.defaultBranch >/dev/null || git config --global init.defaultBranch main
# What a person has chosen stays.
git config --global --get user.name >/dev/null || git config --global user.name "$PERSON"
