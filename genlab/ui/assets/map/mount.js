// Puts a map on the page, and takes it away again.

const WholeMap = Filming(Choosing(Hovering(LatentMap)))

export default function ({data, parentElement, setStateValue}) {
  parentElement.latentMap ??= new WholeMap(parentElement)
  parentElement.latentMap.update(data, setStateValue)
  return () => {
    parentElement.latentMap?.close()
    delete parentElement.latentMap
  }
}
