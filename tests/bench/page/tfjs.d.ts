// What TensorFlow.js' bundles and tfjs_models.js leave in a worker's global scope.
declare const tf: any;
declare const tfjsModels: any;
