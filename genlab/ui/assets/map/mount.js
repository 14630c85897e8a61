// Puts a map on the page, and takes it away again.

const Chosen = Choosing(LatentMap)

export default function ({data, parentElement, setStateValue}) {
  parentElement.latentMap ??= new Chosen(parentElement)
  parentElement.latentMap.update(data, setStateValue)
  return () => {
    parentElement.latentMap?.close()
    delete parentElement.latentMap
  }
}
