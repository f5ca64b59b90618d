// What Gradio gives the page's widgets: their node, their properties, `trigger` and `watch`. With it their own files run here.
export function host(widget, element, props, events) {
  const watchers = [];
  const trigger = (kind, data) => events[kind]?.(data, props);
  const watch = (names, run) => watchers.push([[names].flat(), run]);
  widget(element, props, trigger, watch);
  return (changes) => {
    Object.assign(props, changes);
    for (const [names, run] of watchers) if (names.some((name) => name in changes)) run();
  };
}
