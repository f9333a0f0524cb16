// A network as a language, and what both ways of getting a machine out of it share. The ways themselves are
// lstar.cpp and clusters.cpp.
#include "motif/extract.h"

#include <algorithm>

#include "base/random.h"
#include "motif/clusters.h"
#include "rnn/math.h"
#include "rnn/readout.h"
#include "rnn/trace.h"

namespace ribostep::motif {
namespace {

constexpr std::size_t kMostStrings = 2000, kLongestString = 200, kFewStrings = 8;  // of a data set

// Answers by string: a tree of letters, the children of a node as a list.
class Memory {
 public:
  // The node of a word, made if need be.
  std::size_t node(const Word& word) {
    std::uint32_t at = 0;
    for (const std::uint8_t letter : word) {
      std::uint32_t* link = &nodes_[at].child;
      while (*link != 0 && nodes_[*link].letter != letter) link = &nodes_[*link].sibling;
      if (*link == 0) {
        const auto fresh = static_cast<std::uint32_t>(nodes_.size());
        *link = fresh;  // before the vector moves
        nodes_.push_back({});
        nodes_.back().letter = letter;
        at = fresh;
      } else {
        at = *link;
      }
    }
    return at;
  }
  // -1: not asked yet.
  std::int8_t& answer(std::size_t node) { return nodes_[node].answer; }

 private:
  struct Node {
    std::uint32_t child = 0, sibling = 0;
    std::uint8_t letter = 0;
    std::int8_t answer = -1;
  };
  std::vector<Node> nodes_ = std::vector<Node>(1);
};

}  // namespace

struct NetworkLanguage::State {
  State(const rnn::Network& network, std::span<const float> weights, const rnn::TokenTable& tokens,
        std::string letters, int cls)
      : net(network),
        parameters(weights.begin(), weights.end()),
        table(tokens),
        symbols(std::move(letters)),
        accept_class(cls),
        forward(net, table) {
    memory.answer(0) = accepts_nothing() ? 1 : 0;
  }
  bool yes(const float* scores) const { return rnn::argmax(scores, net.spec.outputs()) == accept_class; }
  // What is read off the initial state; a trace has it beside its first step.
  bool accepts_nothing() {
    if (net.spec.direction_count() != 1) return false;
    const rnn::LayerTrace layer = std::move(trace({0}).layers.back());
    rnn::Readout<float> readout(net);
    readout.pack(parameters, false);
    std::vector<float> logits(static_cast<std::size_t>(readout.width()));
    readout.forward(layer.initial_h.data(), readout.features(), 1, logits.data());
    return yes(logits.data());
  }
  rnn::Trace trace(const Word& word) {
    rnn::Example example;
    example.tokens = word;
    return rnn::trace(net, parameters, table, example);
  }

  rnn::Network net;
  std::vector<float> parameters;
  rnn::TokenTable table;
  std::string symbols;
  int accept_class;
  rnn::Bptt<float> forward;
  Memory memory;
  std::int64_t asked = 1, letters_read = 0;
};

NetworkLanguage::NetworkLanguage(const rnn::Network& net, std::span<const float> parameters,
                                 const rnn::TokenTable& table, std::string symbols, int accept_class)
    : state_(std::make_unique<State>(net, parameters, table, std::move(symbols), accept_class)) {}
NetworkLanguage::~NetworkLanguage() = default;

std::vector<std::uint8_t> NetworkLanguage::accepts(std::span<const Word> words) {
  State& s = *state_;
  std::vector<std::size_t> nodes;
  std::vector<rnn::Example> examples;
  std::vector<std::size_t> open;  // words to be read
  for (std::size_t i = 0; i < words.size(); ++i) {
    nodes.push_back(s.memory.node(words[i]));
    std::int8_t& answer = s.memory.answer(nodes.back());
    if (answer >= 0) continue;
    answer = 0;  // and so asked once, however often it is among the words
    open.push_back(i);
    examples.push_back({});
    examples.back().tokens = words[i];
  }
  std::vector<float> probabilities;
  if (!examples.empty()) s.forward.evaluate(s.parameters, examples, &probabilities);
  const auto width = static_cast<std::size_t>(s.net.spec.outputs());
  std::size_t row = 0;
  for (const std::size_t i : open) {  // per position: its last row counts
    if (s.net.spec.task == rnn::Task::PositionLabel) row += words[i].size() - 1;
    s.memory.answer(nodes[i]) = s.yes(probabilities.data() + row * width) ? 1 : 0;
    ++row;
    ++s.asked;
    s.letters_read += static_cast<std::int64_t>(words[i].size());
  }
  std::vector<std::uint8_t> answers;
  for (const std::size_t node : nodes) answers.push_back(s.memory.answer(node) > 0 ? 1 : 0);
  return answers;
}

bool NetworkLanguage::accepts(const Word& word) { return accepts(std::span(&word, 1)).front() != 0; }
void NetworkLanguage::tell_empty(bool accepted) { state_->memory.answer(0) = accepted ? 1 : 0; }
std::int64_t NetworkLanguage::asked() const { return state_->asked; }
std::int64_t NetworkLanguage::letters_read() const { return state_->letters_read; }
const std::string& NetworkLanguage::symbols() const { return state_->symbols; }

NetworkLanguage::Path NetworkLanguage::path(const Word& word) {
  State& s = *state_;
  const Word nothing{0};  // a trace of no letters has no initial state
  const rnn::Trace trace = s.trace(word.empty() ? nothing : word);
  const rnn::LayerTrace& layer = trace.layers.back();
  const bool memory = !layer.cells.empty();
  Path path;
  path.width = layer.hidden * (memory ? 2 : 1);
  path.accepted.push_back(s.memory.answer(0) > 0 ? 1 : 0);
  const auto put = [&](const std::vector<float>& h, const std::vector<float>& c, std::size_t row) {
    const std::size_t first = row * static_cast<std::size_t>(layer.stride);
    for (int unit = 0; unit < layer.hidden; ++unit)
      path.states.push_back(h[first + static_cast<std::size_t>(unit)]);
    for (int unit = 0; memory && unit < layer.hidden; ++unit)
      path.states.push_back(rnn::tanh_of(c[first + static_cast<std::size_t>(unit)]));
  };
  put(layer.initial_h, layer.initial_c, 0);
  for (std::size_t t = 0; t < word.size(); ++t) {
    put(layer.states, layer.cells, t);
    path.accepted.push_back(s.yes(trace.probabilities.data() + t * static_cast<std::size_t>(trace.outputs)));
  }
  return path;
}

std::string obstacle_of_extraction(const rnn::ModelSpec& spec, bool clusters) {
  if (spec.task == rnn::Task::NextSymbol || spec.task == rnn::Task::NextVector)
    return "this network predicts what comes next and accepts nothing: choose a label per sequence or per "
           "position as task";
  if (spec.input == rnn::Input::Values)
    return "this network reads numbers: a machine needs letters, so load sequences";
  if (spec.input == rnn::Input::Codons)
    return "this network reads three letters at a time: choose letters as input";
  if (!clusters) return {};
  if (spec.direction_count() > 1)
    return "clusters need one direction, for a state must follow from what was read: ask questions (L*) "
           "instead, or choose one direction";
  if (spec.circular != rnn::Circular::Linear || spec.window > 0)
    return "clusters need a state after every letter: ask questions (L*) instead, or read straight through "
           "without windows";
  return {};
}

GivenStrings shared_out(std::span<const Word> strings, std::uint64_t seed) {
  GivenStrings out;
  std::vector<Word> known;  // sorted
  for (const Word& whole : strings) {
    if (out.tried.size() == kMostStrings) break;
    Word word(whole.begin(),
              whole.begin() + static_cast<std::ptrdiff_t>(std::min(whole.size(), kLongestString)));
    const auto place = std::lower_bound(known.begin(), known.end(), word);
    if (word.empty() || (place != known.end() && *place == word)) continue;
    known.insert(place, word);
    out.tried.push_back(std::move(word));
  }
  const std::size_t count = out.tried.size();
  if (count < kFewStrings) return out;
  Random random(seed, 34);  // data sets often have classes that take turns
  std::vector<Word> rest;
  std::size_t chosen = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 4 == 0) chosen = i + random.below(4);
    (i == chosen ? out.held_out : rest).push_back(std::move(out.tried[i]));
  }
  out.tried = std::move(rest);
  return out;
}

struct Extractor::State {
  State(const rnn::Network& net, std::span<const float> parameters, const rnn::TokenTable& table,
        std::string symbols, int accept_class, std::span<const Word> strings, ExtractionOptions asked)
      : options(asked) {
    result.clusters = options.clusters;
    result.problem = obstacle_of_extraction(net.spec, options.clusters);
    if (!result.problem.empty()) return;
    language = std::make_unique<NetworkLanguage>(net, parameters, table, std::move(symbols), accept_class);
    if (options.empty_string >= 0) language->tell_empty(options.empty_string != 0);
    given = shared_out(strings, options.seed);
    if (options.clusters)
      clusters = std::make_unique<Clusters>(*language, options, given);
    else
      lstar = std::make_unique<LStar>(*language, options, given.tried);
  }
  ExtractionOptions options;
  GivenStrings given;
  std::unique_ptr<NetworkLanguage> language;
  std::unique_ptr<LStar> lstar;
  std::unique_ptr<Clusters> clusters;
  std::unique_ptr<FidelityRun> fidelity;  // of what L* found
  Extraction result;
};

Extractor::Extractor(const rnn::Network& net, std::span<const float> parameters, const rnn::TokenTable& table,
                     std::string symbols, int accept_class, std::span<const Word> strings,
                     ExtractionOptions options)
    : state_(std::make_unique<State>(net, parameters, table, std::move(symbols), accept_class, strings,
                                     options)) {}
Extractor::~Extractor() = default;

bool Extractor::run(int questions) {
  State& s = *state_;
  if (!s.language) return true;
  if (s.clusters) {
    if (!s.clusters->run(questions)) return false;
    if (!s.result.machine) s.clusters->finish(s.result);
  } else if (!s.fidelity) {
    if (!s.lstar->run(questions)) return false;
    s.lstar->finish(s.result);
    s.fidelity =
        std::make_unique<FidelityRun>(*s.result.machine, s.options.longest, s.options.seed, s.given.held_out);
    return false;
  } else {
    if (!s.fidelity->run(*s.language, questions)) return false;
    s.result.fidelity = s.fidelity->result();
  }
  s.result.questions = s.language->asked();
  return true;
}

double Extractor::progress() const {
  const State& s = *state_;
  if (!s.language) return 1;
  if (s.clusters) return s.clusters->progress();
  return 0.95 * s.lstar->progress() + (s.fidelity ? 0.05 * s.fidelity->result().strings / kHeldOut : 0);
}

std::string Extractor::stage() const {
  const State& s = *state_;
  if (s.clusters) return s.clusters->stage();
  if (s.fidelity) return "reading held-out strings";
  return s.lstar ? s.lstar->stage() : std::string();
}

Extraction Extractor::take() { return std::move(state_->result); }

}  // namespace ribostep::motif
