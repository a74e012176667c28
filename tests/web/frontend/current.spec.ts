import { testsOfThePage } from './page-tests.ts';

testsOfThePage({ comfyui: '0.33.0', frontend: '1.49.6' });
