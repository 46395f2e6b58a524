# Image with which promotions and requests run. The tooling account builds it from each commit of `main`.
# Builds have no internet access: the base image is one of ECR, by digest. It contains git, and the Pulumi engine with its
# plugins.
ARG BASE_IMAGE
FROM ${BASE_IMAGE}
WORKDIR /opt/plinth
COPY requirements.txt ./
# The package index of the organization has a token, so it is a secret, which no layer keeps.
RUN --mount=type=secret,id=pip_index_url \
    if [ -s /run/secrets/pip_index_url ]; then export PIP_INDEX_URL="$(cat /run/secrets/pip_index_url)"; fi \
    && pip install --no-cache-dir --require-hashes --requirement requirements.txt
COPY . .
# The engine runs the program from this folder, so packages are links to it.
RUN pip install --no-cache-dir --no-deps --no-index --no-build-isolation \
    --editable . --editable packages/iam-evaluator --editable packages/plinth-project
RUN git --version && pulumi version && plinth --version
