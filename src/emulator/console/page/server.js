// What the page asks of the stand-in, and how it hears of changes.

const FIRST_PAUSE = 500
const LONGEST_PAUSE = 8000

async function answered(response) {
  if (!response.ok) throw new Error(await response.text())
  return response
}

/** Gives an order. The answer is JSON, or nothing. Fails with a sentence. */
export async function order(what, body) {
  const response = await answered(await fetch(what, { method: 'POST', body: JSON.stringify(body) }))
  return response.status === 204 ? undefined : response.json()
}

export const fetchJson = async (what) => (await answered(await fetch(what))).json()

/**
 * Calls `show` with the whole state now and after each change, and `connected` with whether changes are heard of. While a
 * state is on its way, further changes wait and are fetched as one.
 */
export function follow(show, connected) {
  let isFetching = false
  let isStale = false
  async function refresh() {
    isStale = true
    if (isFetching) return
    isFetching = true
    try {
      while (isStale) {
        isStale = false
        show(await fetchJson('state'))
      }
    } catch (error) {
      connected(false, error.message)
    } finally {
      isFetching = false
    }
  }
  listen(refresh, connected, FIRST_PAUSE)
}

/** A stream that was refused is not opened again by the browser: this does it, with longer and longer pauses. */
function listen(refresh, connected, pause) {
  const stream = new EventSource('events')
  let next = pause
  stream.onopen = () => {
    next = FIRST_PAUSE
    connected(true)
  }
  stream.onmessage = refresh
  stream.onerror = () => {
    stream.close()
    connected(false)
    setTimeout(() => listen(refresh, connected, Math.min(next * 2, LONGEST_PAUSE)), next)
  }
}
