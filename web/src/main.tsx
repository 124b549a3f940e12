// Starts the demo application.

import { render } from 'preact';
import { App } from './shell/app.js';
import './style/pages.css';
import './style/board.css';

const root = document.getElementById('app');
if (root) render(<App />, root);
