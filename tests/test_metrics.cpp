// Figures of merit against values worked out by hand, and against scikit-learn's documented examples.
#include <doctest/doctest.h>

#include <cmath>

#include "experiment/metrics.h"

using namespace ribostep;
using namespace ribostep::experiment;

namespace {

Confusion table(int classes, std::vector<int> counts) { return {classes, std::move(counts)}; }

// Two columns from the second class's probability.
std::vector<float> two_classes(const std::vector<float>& second) {
  std::vector<float> rows;
  for (const float p : second) {
    rows.push_back(1 - p);
    rows.push_back(p);
  }
  return rows;
}

constexpr double kRounding = 1e-12;  // a few roundings of numbers near 1

}  // namespace

TEST_CASE("metrics: balanced accuracy is the mean recall") {
  // scikit-learn's example: recalls 3/4 and 1/2.
  CHECK(*balanced_accuracy(confusion({0, 1, 0, 0, 1, 0}, {0, 1, 0, 0, 0, 1}, 2)) ==
        doctest::Approx(0.625).epsilon(kRounding));
  // 90 of class 0 all right, 10 of class 1 all wrong: 90 % accuracy, no better than a coin.
  CHECK(*balanced_accuracy(table(2, {90, 0, 10, 0})) == doctest::Approx(0.5).epsilon(kRounding));
  // A class that does not occur is left out: recalls 1/2 and 1.
  CHECK(*balanced_accuracy(table(3, {1, 0, 1, 0, 0, 0, 0, 0, 2})) ==
        doctest::Approx(0.75).epsilon(kRounding));
}

TEST_CASE("metrics: Matthews' correlation for two and for more classes") {
  // scikit-learn's example, -1 / 3.
  CHECK(*matthews(confusion({1, 1, 1, 0}, {1, 0, 1, 1}, 2)) == doctest::Approx(-1.0 / 3).epsilon(kRounding));
  // TP 6, TN 3, FP 1, FN 2: (18 - 2) / sqrt(7 * 8 * 4 * 5).
  CHECK(*matthews(table(2, {3, 1, 2, 6})) == doctest::Approx(16 / std::sqrt(1120.0)).epsilon(kRounding));
  // R_K: 5 of 8 right, both margins 3 2 3: (40 - 22) / (64 - 22).
  CHECK(*matthews(table(3, {2, 1, 0, 0, 1, 1, 1, 0, 2})) == doctest::Approx(18.0 / 42).epsilon(kRounding));
  CHECK(*matthews(table(2, {0, 53, 53, 0})) == -1);  // not a rounding beyond it
  CHECK(*matthews(table(3, {4, 0, 0, 0, 2, 0, 0, 0, 3})) == doctest::Approx(1).epsilon(kRounding));
}

TEST_CASE("metrics: area under the ROC curve by ranks, ties counting half") {
  const std::vector<int> truth{0, 0, 1, 1};
  CHECK(*auroc(truth, two_classes({0.1f, 0.4f, 0.35f, 0.8f}), 2) == doctest::Approx(0.75).epsilon(kRounding));
  CHECK(*auroc(truth, two_classes({0.5f, 0.5f, 0.5f, 0.5f}), 2) == doctest::Approx(0.5).epsilon(kRounding));
  // Of the four pairs two are won, one is a tie, one is lost.
  CHECK(*auroc(truth, two_classes({0.2f, 0.6f, 0.6f, 0.3f}), 2) == doctest::Approx(0.625).epsilon(kRounding));
  CHECK(*auroc(truth, two_classes({0.9f, 0.8f, 0.2f, 0.1f}), 2) == 0);
  // Unlabelled rows are left out.
  CHECK(*auroc(std::vector<int>{0, -1, 0, 1, 1}, two_classes({0.1f, 1.0f, 0.4f, 0.35f, 0.8f}), 2) ==
        doctest::Approx(0.75).epsilon(kRounding));
  // One against the rest: class 0: 1; class 1: (1 + 1/2) / 2 with a tie; class 2 does not occur.
  const std::vector<int> three{0, 1, 0};
  const std::vector<float> p{0.7f, 0.2f, 0.1f, 0.1f, 0.2f, 0.7f, 0.9f, 0.1f, 0.0f};
  CHECK(*auroc(three, p, 3) == doctest::Approx((1 + 0.75) / 2).epsilon(kRounding));
}

TEST_CASE("metrics: average precision in steps, equal probabilities at once") {
  const std::vector<int> truth{0, 0, 1, 1};
  // scikit-learn's example: 1/2 * 1 + 1/2 * 2/3.
  CHECK(*auprc(truth, two_classes({0.1f, 0.4f, 0.35f, 0.8f}), 2) ==
        doctest::Approx(0.5 + 1.0 / 3).epsilon(kRounding));
  CHECK(*auprc(truth, two_classes({0.5f, 0.5f, 0.5f, 0.5f}), 2) == doctest::Approx(0.5).epsilon(kRounding));
  // From the other class's side: 0.9, 0.65, 0.6, 0.2 with members at 1, 3: 1/2 * 1 + 1/2 * 2/3.
  CHECK(*auprc(truth, two_classes({0.1f, 0.4f, 0.35f, 0.8f}), 2, 0) ==
        doctest::Approx(0.5 + 1.0 / 3).epsilon(kRounding));
  // A tie of one member and one other behind a sure member: 1/2 * 1 + 1/2 * 2/3.
  CHECK(*auprc(truth, two_classes({0.3f, 0.1f, 0.3f, 0.8f}), 2) ==
        doctest::Approx(0.5 + 1.0 / 3).epsilon(kRounding));
  // Three classes: class 0: 1; class 1: its only member ties with an other at the top, so 1/2.
  const std::vector<int> three{0, 1, 0};
  const std::vector<float> p{0.7f, 0.2f, 0.1f, 0.1f, 0.2f, 0.7f, 0.9f, 0.1f, 0.0f};
  CHECK(*auprc(three, p, 3) == doctest::Approx((1 + 0.5) / 2).epsilon(kRounding));
}

TEST_CASE("metrics: what is not defined has no value") {
  const std::vector<int> one{1, 1, 1};
  const std::vector<float> p = two_classes({0.2f, 0.6f, 0.9f});
  CHECK_FALSE(balanced_accuracy(table(2, {0, 0, 1, 2})).has_value());
  CHECK_FALSE(matthews(table(2, {0, 0, 1, 2})).has_value());
  CHECK_FALSE(matthews(table(2, {0, 3, 0, 4})).has_value());  // always the same answer
  CHECK_FALSE(auroc(one, p, 2).has_value());
  CHECK_FALSE(auprc(one, p, 2).has_value());
  CHECK_FALSE(auroc({}, {}, 2).has_value());
  CHECK_FALSE(auroc(std::vector<int>{0, 1, 0}, std::span(p).first(4), 2).has_value());
  CHECK_FALSE(
      auroc(std::vector<int>{0, 1}, std::vector<float>{0.5f, std::nanf(""), 0.5f, 0.5f}, 2).has_value());
  const Metrics none = measure({}, {}, {}, 2);
  CHECK_FALSE(none.balanced_accuracy.has_value());
  CHECK_FALSE(none.loss.has_value());
  // Always the same answer: half of the recalls, no correlation, no area without probabilities.
  const Metrics same = measure({0, 1, 1}, {1, 1, 1}, {}, 2);
  CHECK(*same.balanced_accuracy == 0.5);
  CHECK_FALSE(same.matthews.has_value());
  CHECK_FALSE(same.auroc.has_value());
}

TEST_CASE("metrics: the mean loss, as perplexity and in bits") {
  const Metrics m =
      measure({0, 1, -1}, {0, 1, 0}, std::vector<float>{0.5f, 0.5f, 0.75f, 0.25f, 0.1f, 0.9f}, 2);
  CHECK(*m.loss == doctest::Approx((std::log(2) + std::log(4)) / 2).epsilon(kRounding));
  CHECK(perplexity(*m.loss) == doctest::Approx(std::sqrt(8.0)).epsilon(kRounding));
  CHECK(bits_per_symbol(*m.loss) == doctest::Approx(1.5).epsilon(kRounding));
  CHECK(perplexity(std::log(4)) == doctest::Approx(4).epsilon(kRounding));  // any of four letters
  // A probability of 0 for the true class is a large loss, not an infinite one.
  CHECK(std::isfinite(*measure({0}, {1}, std::vector<float>{0, 1}, 2).loss));
}

TEST_CASE("metrics: of two classes the one that is looked for") {
  const auto of = [](const char* a, const char* b) {
    const std::vector<std::string> names{a, b};
    return positive_class(names);
  };
  CHECK(of("non_promoter", "promoter") == 1);
  CHECK(of("coding", "intergenic") == 0);
  CHECK(of("coding", "noncoding") == 0);
  CHECK(of("+", "-") == 0);
  CHECK(of("0", "1") == 1);
  CHECK(of("EI", "IE") == 1);
}
