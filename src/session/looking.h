// What is looked at beside the trace: how much each step matters, and how much depends on where a circle
// begins. Kept by the Session, computed in the worker.
#pragma once
#include <memory>
#include <string>

#include "io/project.h"
#include "rnn/sensitivity.h"
#include "session/message.h"

namespace ribostep::session {

// The current sequence, read as a circle from many origins: how far an output moves at most. For tasks per
// position each position is compared with itself.
struct Turning {
  double largest_change = 0;  // of the probability of any output
  int shift = 0;              // letters the origin was moved by there
  int position = 0;           // 1-based letter there, of the sequence as given; 0: the whole sequence
  int output = 0;
  int unsettled = 0;  // FixedPoint: origins from which the state had not settled at the limit of passes
};
struct Equivariance {
  bool available = false;
  bool stale = false;  // the weights have moved on since
  int rotations = 0;   // other origins that were tried
  bool all = false;    // these are all there are; else they are evenly spread
  int step = 1;        // letters: 3 for codons, whose frame must stay
  bool per_position = false;
  Turning now, untrained;  // with the weights shown; and before the first update
};
inline constexpr int kMostRotations = 512;

// ---- what crosses the border to the worker
// The numbers of a Sensitivity as a body, its sizes and words in the head under "sensitivity".
void pack(const rnn::Sensitivity& from, Message& to);
// Null when the message is damaged.
std::unique_ptr<rnn::Sensitivity> unpack_sensitivity(const Message& message);
nlohmann::json turning_json(const Turning& turning);
Turning turning_from(const nlohmann::json& json);

// ---- what the Session keeps
struct Looking {
  // What a figure is of, but for the weights.
  struct About {
    std::string set;  // content hash
    int record = -1;
    rnn::ModelSpec model;
    bool twin = false;
    std::vector<bio::LetterEdit> letters{};  // read otherwise than given
    bool operator==(const About&) const = default;
  };
  // The trace stands for a sequence and its weights.
  struct Request {
    std::uint64_t trace = 0;
    rnn::SensitivityLoss loss = rnn::SensitivityLoss::Whole;
    int step = -1;  // AtCursor
    bool operator==(const Request&) const = default;
  };
  bool wanted = false;
  rnn::SensitivityLoss loss = rnn::SensitivityLoss::Whole;
  int id = 0;                   // of the request the worker has; 0: none
  bool with_jacobians = false;  // it asks for them
  Request asked, answered;
  About asked_about, answered_about;
  std::unique_ptr<rnn::Sensitivity> answer;
  bool failed = false;  // `asked` cannot be had
  int lost = 0;         // workers that stopped over it
  double progress = 0, asked_s = -1e9, answered_s = -1e9;

  Equivariance equivariance;
  About measuring_about, measured_about;
  io::WeightsPtr measuring_weights, measured_weights;
  std::uint64_t measuring_seed = 0, measured_seed = 0;
};

}  // namespace ribostep::session
