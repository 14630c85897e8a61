# The lab in a container: a Hugging Face Space of the Docker kind, or any host. One process only, since sessions live in its memory.
FROM python:3.11-slim

RUN useradd -m -u 1000 user
USER user
ENV HOME=/home/user PATH=/home/user/.local/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /home/user/app

# Without a GPU, an index of CPU builds spares 4 GB: docker build --build-arg PIP_EXTRA_INDEX_URL=<index of CPU builds of torch>
ARG PIP_EXTRA_INDEX_URL=
COPY --chown=user requirements.txt .
RUN pip install --user --no-cache-dir -r requirements.txt
COPY --chown=user . .

# Strangers see what went wrong, not the code around it.
ENV STREAMLIT_CLIENT_SHOW_ERROR_DETAILS=type
EXPOSE 8501
HEALTHCHECK --start-period=60s CMD python -c "import os, urllib.request as r; base = os.environ.get('STREAMLIT_SERVER_BASE_URL_PATH', '').strip('/'); r.urlopen('/'.join(filter(None, ['http://127.0.0.1:8501', base, '_stcore/health'])), timeout=5)"

# A Space shows the lab in a frame of another site, where browsers hold back the cookie that guards uploads.
CMD ["sh", "-c", "if [ -n \"$SPACE_ID\" ]; then export STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION=false; fi; exec uvicorn app:app --host 0.0.0.0 --port 8501 --forwarded-allow-ips='*' --ws-per-message-deflate false --ws-ping-interval 20 --no-access-log"]
