// The lines of the help about models; see help_models.h. Menus say the same names: rnn::label.
#include "ui/help_models.h"

namespace ribostep::ui {
namespace {

constexpr ModelHelp kLines[] = {
    {"Cells", nullptr},
    {"Elman (tanh)",
     "h_t = tanh(W_x x_t + W_h h_{t-1} + b): the simplest; what is long ago fades or explodes"},
    {"Elman (ReLU)", "the same without a ceiling: it can count, and it can grow without bound"},
    {"LSTM", "keeps a memory c beside h; gates i, f and o decide what is written, kept and shown"},
    {"GRU", "one state and two gates: r (how much of the past the candidate sees) and z (how much is kept)"},
    {"LSTM, coupled gates", "i = 1 - f: what is forgotten makes room for exactly as much that is new"},
    {"LSTM, sigmoid candidate",
     "what is written lies in (0, 1); i and f stay independent, so c can still leave [0, 1]"},
    {"LSTM, bounded memory",
     "sigmoid candidate and coupled gates: c_t is a weighted mean and stays in [0, 1] if c_0 is there"},
    {"Peepholes", "i and f also see c_{t-1}, o sees c_t: for exact timing"},
    {"Layer norm", "the sums inside each gate are brought to mean 0 and deviation 1 over the units"},
    {"Dropout", "in training, a share of the states between layers is set to 0 at random"},
    {"First weights",
     "PyTorch's uniform, uniform up to a number, orthogonal, or the identity (IRNN, for ReLU)"},
    {"Forget bias",
     "the first bias of the gate that keeps: constant, or chrono: spread over a range of time spans"},

    {"Wiring", nullptr},
    {"Layers", "each reads the states of the one below, at every step"},
    {"Both directions", "a second network reads from the end; both states lie side by side"},
    {"Both strands",
     "the second direction reads the reverse complement, with weights of its own or the same ones"},
    {"Dilations",
     "a step is fed by the one d steps before; 1, 2, 4, ... over the layers reach far in few steps"},
    {"Windows", "the second layer takes one step per window and reads its last or mean state"},
    {"Window ends", "the first layer's state carries over, or starts anew in each window"},
    {"Cut gradients",
     "truncated back-propagation: states go on, gradients stop; the cut is drawn in the tracks"},

    {"Circular sequences", nullptr},
    {"Linear", "the sequence has a first and a last letter"},
    {"Two passes", "h and c at the end are carried into a second pass, and that one is scored"},
    {"Doubled", "the sequence is read twice in a row; the second half is scored (from the end: the first)"},
    {"Until it settles",
     "passes are repeated until the state at the origin stops changing, up to a limit; it says if it did "
     "not"},
    {"Rotate examples", "each training sequence begins at another position every time it is read"},
    {"Equivariance meter",
     "the largest change of an output over rotations of the sequence; 0 means the origin does not matter"},

    {"Initial state", nullptr},
    {"Zero", "h_0 and c_0 are 0"},
    {"Learned", "h_0 and c_0 are weights, the same for every sequence"},
    {"Learned per class",
     "one h_0 and c_0 for each class of a covariate, such as tissue=liver in the headers"},
    {"Encoder", "a small network makes h_0 and c_0 from covariates that are numbers; gradients flow into it"},

    {"Input", nullptr},
    {"Letters", "one input per letter; an ambiguity code is the mean of the letters it may be"},
    {"k-mers", "at each position the k letters that end there"},
    {"Codons", "three letters at a time: one step per codon"},
    {"Real values", "numbers per position, such as expression or methylation along a series"},
    {"Embedding", "each kind of token is told by a few learned numbers instead of an input of its own"},

    {"Readout and loss", nullptr},
    {"Label per sequence",
     "from the last state, the mean or the maximum over positions, without attention; cross-entropy"},
    {"Label per position", "an answer at every step; cross-entropy over the labelled ones"},
    {"Next symbol", "what comes next; only for wirings that have not yet seen it"},
    {"Next vector", "the values at the next position; mean squared error"},
    {"Class weights", "each class weighs the same in the loss, however few records it has"},

    {"Training", nullptr},
    {"SGD, Nesterov", "steps against the gradient, with momentum; Nesterov looks ahead first"},
    {"RMSprop, Adam, AdamW",
     "each weight has a step size of its own; AdamW keeps weight decay apart from the gradient"},
    {"Schedule", "the learning rate stays, falls in steps, or falls along a cosine to 0"},
    {"Warm-up", "the learning rate rises from 0 over the first updates"},
    {"Cross-validation",
     "k folds, or leave one out: every record is predicted by a network that has not seen it"},
    {"Memory", "above the limit the states are kept and the gates computed again on the way back"},

    {"How good it is", nullptr},
    {"Accuracy", "share that is right, with its 95 % interval"},
    {"Balanced accuracy",
     "mean over classes of the share that is right: guessing the common class gains nothing"},
    {"MCC", "Matthews' correlation of prediction and label: 1 perfect, 0 chance"},
    {"AUROC", "chance that a random positive scores above a random negative"},
    {"AUPRC", "mean precision over all thresholds: to be read against the share of positives"},
    {"Confusion matrix", "which class was taken for which"},
    {"Perplexity, bits per symbol",
     "how many letters the next one is still spread over; 2 bits is chance for DNA"},

    {"Gradients", nullptr},
    {"|dL/dh_t|",
     "how much the loss would change with the state at position t: where it fades, nothing is learned"},
    {"|dL/dx_t|", "how much it would change with the input at position t"},
    {"Jacobian of a step", "largest stretch of the full state (h and c, all layers) in one step"},
    {"Running product",
     "the same from the start to t, renormalised on the way so that it neither vanishes nor overflows"},
    {"Direct path", "the product of the forget gates: what is left of c by the shortest way"},
};

}  // namespace

std::span<const ModelHelp> model_help() { return kLines; }

}  // namespace ribostep::ui
