/** All programs. */
import { addition } from "./addition.ts";
import { batchNormalization } from "./batch-normalization.ts";
import { classWeights } from "./class-weights.ts";
import { convolutionalAutoencoder } from "./convolutional-autoencoder.ts";
import { coreDigits } from "./core-digits.ts";
import { corePolynomial } from "./core-polynomial.ts";
import { dateConversion } from "./date-conversion.ts";
import { deepQLearning } from "./deep-q-learning.ts";
import { denoisingAutoencoder } from "./denoising-autoencoder.ts";
import { endlessGenerator } from "./endless-generator.ts";
import { forecastConv, forecastRecurrent } from "./forecast.ts";
import { fuelConsumption } from "./fuel-consumption.ts";
import { generativeAdversarial } from "./generative-adversarial.ts";
import type { Program } from "./harness/program.ts";
import { housePricesDeep } from "./house-prices-deep.ts";
import { housePricesLinear } from "./house-prices-linear.ts";
import { imageConv } from "./image-conv.ts";
import { imageDense } from "./image-dense.ts";
import { iris } from "./iris.ts";
import { multipleLabels } from "./multiple-labels.ts";
import { multipleOutputs } from "./multiple-outputs.ts";
import { namedInputs } from "./named-inputs.ts";
import { objectDetection } from "./object-detection.ts";
import { quantisedHousing } from "./quantised-housing.ts";
import { recommender } from "./recommender.ts";
import { residualNet } from "./residual-net.ts";
import { sentimentBidirectional, sentimentConv, sentimentFlat, sentimentGru } from "./sentiment.ts";
import { separableConv } from "./separable-conv.ts";
import { siamese } from "./siamese.ts";
import { tagger } from "./tagger.ts";
import { textGeneration } from "./text-generation.ts";
import { transferLearning } from "./transfer-learning.ts";
import { variationalAutoencoder } from "./variational-autoencoder.ts";
import { weather } from "./weather.ts";

export const programs: readonly Program[] = [
  imageDense,
  imageConv,
  coreDigits,
  transferLearning,
  separableConv,
  batchNormalization,
  residualNet,
  siamese,
  multipleOutputs,
  objectDetection,
  denoisingAutoencoder,
  convolutionalAutoencoder,
  variationalAutoencoder,
  generativeAdversarial,
  deepQLearning,
  iris,
  corePolynomial,
  fuelConsumption,
  housePricesLinear,
  housePricesDeep,
  quantisedHousing,
  namedInputs,
  classWeights,
  multipleLabels,
  recommender,
  endlessGenerator,
  weather,
  forecastRecurrent,
  forecastConv,
  sentimentFlat,
  sentimentConv,
  sentimentBidirectional,
  sentimentGru,
  tagger,
  textGeneration,
  addition,
  dateConversion,
];
