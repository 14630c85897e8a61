// Puts the address of this very view on the clipboard. Called again whenever `data` changes, so handlers are assigned, never added.
export default function ({data, parentElement}) {
  const button = parentElement.querySelector('button');
  const said = parentElement.querySelector('[role=status]');
  const link = parentElement.querySelector('input');

  button.onclick = async () => {
    const url = new URL(location.href);
    url.search = data.query;
    url.hash = '';
    const copied = await copy(url.href);
    said.textContent = copied ? 'Copied' : '';
    link.hidden = copied;
    link.value = url.href;
    if (!copied) link.select();
    setTimeout(() => {
      said.textContent = '';
    }, 2000);
  };
}

// Browsers offer navigator.clipboard over https and on localhost alone; a classroom's http address needs the old way.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    area.style.position = 'fixed';
    area.style.opacity = '0';
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
  }
}
