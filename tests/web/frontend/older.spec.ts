import { testsOfThePage } from './page-tests.ts';

testsOfThePage({ comfyui: '0.3.64', frontend: '1.27.10' });
