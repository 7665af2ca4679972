import { render } from 'preact';

const root = document.getElementById('app');
if (root !== null) render(<h1>kvx report</h1>, root);
