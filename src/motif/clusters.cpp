// See clusters.h.
#include "motif/clusters.h"

#include <algorithm>
#include <cmath>

namespace ribostep::motif {
namespace {

constexpr std::size_t kPoints = 3000;  // states that are clustered
constexpr int kRandomStrings = 60, kLongestRandom = 24;
constexpr int kRestarts = 3, kRounds = 20;

}  // namespace

Clusters::Clusters(NetworkLanguage& language, const ExtractionOptions& options, const GivenStrings& given)
    : language_(language), options_(options), held_out_(given.held_out) {
  const std::vector<Word>& strings = given.tried;
  // Strings of the data set take up to three quarters, evenly spread over it.
  std::size_t points = 0;
  const std::size_t step = std::max<std::size_t>(1, strings.size() / 400);
  for (std::size_t i = 0; i < strings.size() && points < kPoints * 3 / 4; i += step) {
    points += strings[i].size() + 1;
    words_.push_back(strings[i]);
  }
  Random random(options.seed, 32);
  const auto letters = static_cast<std::uint32_t>(language.symbols().size());
  for (int i = 0; points < kPoints && (i < kRandomStrings || strings.empty()); ++i) {
    Word word(1 + random.below(kLongestRandom));
    for (std::uint8_t& symbol : word) symbol = static_cast<std::uint8_t>(random.below(letters));
    points += word.size() + 1;
    words_.push_back(std::move(word));
  }
}

void Clusters::read_strings() {
  const NetworkLanguage::Path path = language_.path(words_[read_]);
  width_ = static_cast<std::size_t>(path.width);
  states_.insert(states_.end(), path.states.begin() + path.width, path.states.end());
  accepted_.insert(accepted_.end(), path.accepted.begin() + 1, path.accepted.end());
  for (std::size_t t = 1; t < path.accepted.size(); ++t) {
    word_of_.push_back(static_cast<int>(read_));
    at_.push_back(static_cast<int>(t));
  }
  ++read_;
}

int Clusters::nearest(const std::vector<float>& centres, const float* x, double& distance) const {
  int best = 0;
  distance = INFINITY;
  for (std::size_t c = 0; c * width_ < centres.size(); ++c) {
    // Four sums side by side, and none to its end that is too long already.
    const float* y = centres.data() + c * width_;
    float sum = 0;
    for (std::size_t j = 0; j < width_ && static_cast<double>(sum) < distance;) {
      float part[4] = {0, 0, 0, 0};
      for (const std::size_t end = std::min(width_, j + 16); j < end; ++j)
        part[j % 4] += (x[j] - y[j]) * (x[j] - y[j]);
      sum += (part[0] + part[1]) + (part[2] + part[3]);
    }
    if (static_cast<double>(sum) < distance) {
      distance = static_cast<double>(sum);
      best = static_cast<int>(c);
    }
  }
  return best;
}

// The first centre anywhere, each further one at a point with a chance that grows with the squared distance.
Clusters::Cut Clusters::seeded(int k, int restart) const {
  Cut cut;
  Random random(options_.seed + 1000 * static_cast<std::uint64_t>(restart),
                33 + static_cast<std::uint64_t>(k));
  int next = static_cast<int>(random.below(static_cast<std::uint32_t>(points())));
  std::vector<double> far(accepted_.size());
  for (int c = 0; c < k; ++c) {
    cut.centres.insert(cut.centres.end(), point(next), point(next) + width_);
    double all = 0;
    const std::vector<float> last(cut.centres.end() - static_cast<std::ptrdiff_t>(width_), cut.centres.end());
    for (int i = 0; i < points(); ++i) {
      double distance = 0;
      nearest(last, point(i), distance);
      double& least = far[static_cast<std::size_t>(i)];
      least = c == 0 ? distance : std::min(least, distance);
      all += least;
    }
    double at = random.uniform() * all;
    for (next = 0; next + 1 < points() && at >= far[static_cast<std::size_t>(next)]; ++next)
      at -= far[static_cast<std::size_t>(next)];
  }
  return cut;
}

bool Clusters::improve(Cut& cut) const {
  const std::size_t k = cut.centres.size() / width_;
  std::vector<double> sum(cut.centres.size());
  std::vector<int> count(k), of(accepted_.size());
  cut.spread = 0;
  for (int i = 0; i < points(); ++i) {
    double distance = 0;
    const int c = nearest(cut.centres, point(i), distance);
    of[static_cast<std::size_t>(i)] = c;
    cut.spread += distance;
    ++count[static_cast<std::size_t>(c)];
    for (std::size_t j = 0; j < width_; ++j)
      sum[static_cast<std::size_t>(c) * width_ + j] += static_cast<double>(point(i)[j]);
  }
  for (std::size_t c = 0; c < k; ++c)
    for (std::size_t j = 0; count[c] > 0 && j < width_; ++j)
      cut.centres[c * width_ + j] = static_cast<float>(sum[c * width_ + j] / count[c]);
  const bool moved = of != cut.of;
  cut.of = std::move(of);
  return moved;
}

// The cluster that a string and one more letter lead to.
int Clusters::follow(Word word, std::size_t letter) {
  word.push_back(static_cast<std::uint8_t>(letter));
  const NetworkLanguage::Path path = language_.path(word);
  double distance = 0;
  return nearest(best_cut_.centres, path.states.data() + word.size() * width_, distance);
}

// Majorities; a transition that was never met is followed once, from the member nearest to the centre. The
// initial state, which no letter leads to, is a state of its own behind the clusters' until equal ones are
// put together.
void Clusters::make_machine() {
  const int k = k_;
  const std::string& symbols = language_.symbols();
  const std::size_t letters = symbols.size(), clusters = static_cast<std::size_t>(k);
  std::vector<int> went(clusters * letters * clusters), accepting(clusters), members(clusters);
  std::vector<int> typical(clusters, -1);
  std::vector<double> nearness(clusters, INFINITY);
  for (int i = 0; i < points(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    const auto c = static_cast<std::size_t>(best_cut_.of[at]);
    ++members[c];
    accepting[c] += accepted_[at];
    double distance = 0;
    nearest({best_cut_.centres.begin() + static_cast<std::ptrdiff_t>(c * width_),
             best_cut_.centres.begin() + static_cast<std::ptrdiff_t>((c + 1) * width_)},
            point(i), distance);
    if (distance < nearness[c]) {
      nearness[c] = distance;
      typical[c] = i;
    }
    if (i + 1 == points() || at_[at + 1] == 1) continue;
    const std::size_t letter =
        words_[static_cast<std::size_t>(word_of_[at])][static_cast<std::size_t>(at_[at])];
    ++went[(c * letters + letter) * clusters + static_cast<std::size_t>(best_cut_.of[at + 1])];
  }
  Tried tried;
  Dfa& dfa = tried.machine;
  dfa.symbols = symbols;
  dfa.start = k;
  long all = 0, straight = 0;
  for (std::size_t c = 0; c < clusters; ++c) {
    dfa.accepting.push_back(2 * accepting[c] > members[c]);
    for (std::size_t letter = 0; letter < letters; ++letter) {
      const auto first = went.begin() + static_cast<std::ptrdiff_t>((c * letters + letter) * clusters);
      const auto most = std::max_element(first, first + k);
      for (auto it = first; it != first + k; ++it) all += *it;
      straight += *most;
      const auto member = static_cast<std::size_t>(std::max(0, typical[c]));
      Word word = words_[static_cast<std::size_t>(word_of_[member])];
      word.resize(static_cast<std::size_t>(at_[member]));
      dfa.next.push_back(*most > 0 ? static_cast<int>(most - first) : follow(std::move(word), letter));
    }
  }
  dfa.accepting.push_back(language_.accepts(Word{}));
  for (std::size_t letter = 0; letter < letters; ++letter) dfa.next.push_back(follow({}, letter));
  Dfa small = minimal(dfa);
  // Which state of the smallest machine each cluster became: both are walked side by side.
  tried.state_of.assign(clusters + 1, -1);
  std::vector<int> open{dfa.start};
  tried.state_of[static_cast<std::size_t>(dfa.start)] = small.start;
  while (!open.empty()) {
    const int from = open.back();
    open.pop_back();
    for (int a = 0; a < dfa.letters(); ++a) {
      const int to = dfa.step(from, a);
      if (tried.state_of[static_cast<std::size_t>(to)] >= 0) continue;
      tried.state_of[static_cast<std::size_t>(to)] =
          small.step(tried.state_of[static_cast<std::size_t>(from)], a);
      open.push_back(to);
    }
  }
  tried.state_of.pop_back();  // the start's
  tried.row.clusters = k;
  tried.row.states = small.states();
  tried.row.ambiguity = all > 0 ? 1 - static_cast<double>(straight) / static_cast<double>(all) : 0;
  tried.machine = std::move(small);
  tried.centres = best_cut_.centres;
  fidelity_.emplace(tried.machine, options_.longest, options_.seed, held_out_);
  tried_.push_back(std::move(tried));
}

// The fewest clusters whose fidelity is the best, up to its standard error.
void Clusters::choose() {
  done_ = true;
  double best = 0;
  for (const Tried& t : tried_) best = std::max(best, t.row.fidelity.share());
  const double error = std::sqrt(best * (1 - best) / kHeldOut);
  for (std::size_t i = 0; i < tried_.size() && chosen_ < 0; ++i)
    if (tried_[i].row.fidelity.share() >= best - error) chosen_ = static_cast<int>(i);
}

bool Clusters::run(int questions) {
  for (int left = std::max(1, questions); left > 0 && !done_; left -= 16) {
    if (read_ < words_.size()) {
      read_strings();
    } else if (fidelity_) {
      if (!fidelity_->run(language_, 64)) continue;
      Tried& now = tried_.back();
      now.row.fidelity = fidelity_->result();
      fidelity_.reset();
      const auto perfect = [](const Tried& t) { return t.row.fidelity.same == t.row.fidelity.strings; };
      const bool settled = tried_.size() > 1 && perfect(now) && perfect(tried_[tried_.size() - 2]);
      if (settled || k_ >= options_.max_states || k_ >= points()) choose();
      ++k_;
    } else if (restart_ == kRestarts) {
      restart_ = 0;
      make_machine();
    } else if (round_ == 0) {
      cut_ = seeded(k_, restart_);
      ++round_;
    } else {
      const bool moved = improve(cut_);
      if (moved && ++round_ <= kRounds) continue;
      if (restart_ == 0 || cut_.spread < best_cut_.spread) best_cut_ = cut_;
      ++restart_;
      round_ = 0;
    }
  }
  return done_;
}

double Clusters::progress() const {
  if (done_) return 1;
  if (read_ < words_.size()) return 0.2 * static_cast<double>(read_) / static_cast<double>(words_.size());
  return 0.2 + 0.8 * (k_ - 2) / std::max(1, options_.max_states - 1);
}

std::string Clusters::stage() const {
  if (read_ < words_.size())
    return "reading string " + std::to_string(read_) + " of " + std::to_string(words_.size());
  return std::to_string(k_) + " clusters of " + std::to_string(points()) + " states";
}

void Clusters::finish(Extraction& result) {
  for (const Tried& t : tried_) result.rows.push_back(t.row);
  result.chosen = chosen_;
  result.width = static_cast<int>(width_);
  Tried& best = tried_[static_cast<std::size_t>(chosen_)];
  result.machine = std::move(best.machine);
  result.fidelity = best.row.fidelity;
  result.centres = std::move(best.centres);
  result.state_of_cluster = std::move(best.state_of);
}

}  // namespace ribostep::motif
