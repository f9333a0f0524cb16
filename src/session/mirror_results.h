// Predictions and cross-validation in the text mirror: figures for scripts, and one line to be read out.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "session/session.h"

namespace ribostep::session {

nlohmann::json cross_validation_json(const CrossValidation& cv);
nlohmann::json predictions_json(const Predictions& predictions, rnn::Task task);
// "10-fold cross-validation: this network right 0.896, balanced 0.897, ...; majority class right 0.500, ...";
// empty when there is nothing.
std::string results_words(const Session& session);

}  // namespace ribostep::session
