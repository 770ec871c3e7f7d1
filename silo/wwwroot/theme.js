// Sets theme and size before the first paint: a module would run after it, and the page would flash. So this is no module.
(() => {
  const root = document.documentElement;
  const wanted = localStorage.getItem('pbft.theme');
  if (wanted === 'light' || wanted === 'dark') root.dataset.theme = wanted;
  if (localStorage.getItem('pbft.large') === 'true') root.dataset.large = '';
})();
