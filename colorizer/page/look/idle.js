// Gradio counts the seconds of a question anew in every frame that the browser draws, and goes on for ever if what shows
// them leaves the page meanwhile, as the sign does that waits for the page itself: sixty pictures a second of a page on
// which nothing moves. This runs before Gradio, and ends the counting where nothing on the page shows seconds.
{
  const draw = window.requestAnimationFrame.bind(window);
  const counts = (step) => /performance\.now\(\).*1e3/.test(step);
  const shown = () => document.querySelector('[data-testid="status-tracker"]:not(.hide)');
  window.requestAnimationFrame = (step) => draw(counts(step) ? (now) => { if (shown()) step(now); } : step);
}
