/* Independent Q-learning in C: the same loop as marl_edu/learning/loop.py, for comparison.
 *
 * The same work, step for step: epsilon-greedy with random ties, one coin and one pick per agent, one number for the
 * outcome, schedules, returns, errors and the trace of states. The random numbers are numpy's own (PCG64, XSL-RR, 53
 * bits a number) and come in the same order, so the tables must agree with marl_edu's bit for bit; the benchmark
 * checks that they do.
 *
 * Legend of axes: N agents, S states, O observations, A actions.
 */
#include <math.h>
#include <stdint.h>

typedef unsigned __int128 u128;
typedef struct { u128 state, increment; } Generator;

static inline double uniform(Generator *rng) {
    const u128 multiplier = ((u128)0x2360ED051FC65DA4ULL << 64) | 0x4385DF649FCCF645ULL;
    rng->state = rng->state * multiplier + rng->increment;
    uint64_t bits = (uint64_t)(rng->state >> 64) ^ (uint64_t)rng->state;
    unsigned turn = (unsigned)(rng->state >> 122);
    bits = (bits >> turn) | (bits << ((64 - turn) & 63));
    return (double)(bits >> 11) * (1.0 / 9007199254740992.0);
}

typedef struct {
    double discount;
    int64_t horizon, n_agents, n_states, n_start, width, n_observations, n_joint;
    const int64_t *n_actions, *strides, *observations; /* (N,), (N,), (N, S) */
    const uint8_t *terminal;                           /* (S,) */
    const double *start;                               /* (S,), cumulative */
    const int64_t *offsets;                            /* (S * J + 1,) */
    const int32_t *successors;                         /* (M,) */
    const double *cumulative, *rewards;                /* (M,), (S * J, N) */
} World;

typedef struct {
    int64_t state, age, over, clock, episodes, steps;
    double discounting, step_size, epsilon, temperature;
} Run;

typedef struct {
    double step_size_decay, step_size_floor, epsilon_decay, epsilon_floor, temperature_decay, temperature_floor;
} Schedule;

typedef struct {
    int64_t *observed, *action;                                  /* (N,) */
    double *target, *return_so_far, *return_sum, *error_sum;     /* (N,) */
    int64_t *trace, trace_length;
} Notes;

static inline double largest(const double *row, int64_t n) {
    double best = row[0];
    for (int64_t a = 1; a < n; a++)
        if (row[a] > best) best = row[a];
    return best;
}

static inline int64_t best_action(const double *row, int64_t n, double pick) {
    double best = row[0], second = -INFINITY;
    int64_t chosen = 0, ties = 0;
    for (int64_t a = 1; a < n; a++) {
        if (row[a] > best) second = best, best = row[a], chosen = a;
        else if (row[a] > second) second = row[a];
    }
    double bar = best - 1e-9 * fmax(1.0, fabs(best));
    if (second < bar) return chosen;
    for (int64_t a = 0; a < n; a++) ties += row[a] >= bar;
    int64_t left = (int64_t)(pick * (double)ties);
    for (int64_t a = 0; a < n; a++)
        if (row[a] >= bar && left-- == 0) return a;
    return chosen;
}

static inline int64_t drawn(const double *cumulative, int64_t first, int64_t last, double coin) {
    for (int64_t k = first; k < last - 1; k++)
        if (coin < cumulative[k]) return k;
    return last - 1;
}

static inline double decayed(double value, double factor) {
    value *= factor;
    return value > 1e-300 ? value : 0.0;
}

void learn(int64_t n, uint64_t *words, const World *world, Run *run, const Schedule *schedule, const Notes *notes,
           double *values) {
    Generator rng = {((u128)words[1] << 64) | words[0], ((u128)words[3] << 64) | words[2]};
    const int64_t n_agents = world->n_agents, width = world->width, size = world->n_observations * width;
    for (int64_t step = 0; step < n; step++) {
        if (run->over) {
            run->state = drawn(world->start, 0, world->n_start, uniform(&rng));
            run->age = 0, run->over = 0, run->discounting = 1.0;
        }
        double step_size = fmax(schedule->step_size_floor, run->step_size);
        double epsilon = fmax(schedule->epsilon_floor, run->epsilon);
        int64_t joint = 0;
        for (int64_t i = 0; i < n_agents; i++) {
            int64_t o = notes->observed[i] = world->observations[i * world->n_states + run->state];
            double coin = uniform(&rng), pick = uniform(&rng);
            int64_t count = world->n_actions[i];
            int64_t a = coin < epsilon ? (int64_t)(pick * (double)count)
                                       : best_action(values + i * size + o * width, count, pick);
            notes->action[i] = a;
            joint += a * world->strides[i];
        }

        int64_t pair = run->state * world->n_joint + joint;
        int64_t outcome = drawn(world->cumulative, world->offsets[pair], world->offsets[pair + 1], uniform(&rng));
        int64_t next_state = world->successors[outcome];
        int ended = world->terminal[next_state];
        run->age++;
        run->over = ended || run->age == world->horizon;
        for (int64_t i = 0; i < n_agents; i++) {
            double reward = world->rewards[pair * n_agents + i];
            const double *next_row = values + i * size + world->observations[i * world->n_states + next_state] * width;
            double future = ended ? 0.0 : largest(next_row, world->n_actions[i]);
            notes->target[i] = reward + world->discount * future;
            notes->error_sum[i] += fabs(notes->target[i] - values[i * size + notes->observed[i] * width + notes->action[i]]);
            notes->return_so_far[i] += run->discounting * reward;
            if (run->over) {
                notes->return_sum[i] += notes->return_so_far[i];
                notes->return_so_far[i] = 0.0;
            }
        }

        for (int64_t i = 0; i < n_agents; i++) {
            double *value = values + i * size + notes->observed[i] * width + notes->action[i];
            *value += step_size * (notes->target[i] - *value);
        }

        notes->trace[run->clock % notes->trace_length] = next_state;
        run->state = next_state;
        run->clock++;
        run->steps++;
        run->episodes += run->over;
        run->discounting *= world->discount;
        run->step_size = decayed(run->step_size, schedule->step_size_decay);
        run->epsilon = decayed(run->epsilon, schedule->epsilon_decay);
        run->temperature = decayed(run->temperature, schedule->temperature_decay);
    }
    words[0] = (uint64_t)rng.state, words[1] = (uint64_t)(rng.state >> 64);
}
