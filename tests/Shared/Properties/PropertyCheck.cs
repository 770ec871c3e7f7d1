using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace OrleansPbft.Tests;

/// <summary>Checks properties over generated input. The seed is fixed, so that a run is the same run everywhere.</summary>
/// <remarks>Other input: set PBFT_PROPERTY_SEED; more of it: PBFT_PROPERTY_TESTS. A failure names the seed that shows it again.</remarks>
internal static class PropertyCheck
{
    private static readonly ulong Seed = ulong.Parse(Environment.GetEnvironmentVariable("PBFT_PROPERTY_SEED") ?? "20260826");
    private static readonly string? Tests = Environment.GetEnvironmentVariable("PBFT_PROPERTY_TESTS");

    /// <summary>Whether PBFT_PROPERTY_TESTS asks for no less than usual: where it asks for less, not everything that can happen need have happened.</summary>
    public static bool IsThorough(int usual = 300) => Rounds(usual) == usual;

    /// <summary>How often a test that draws its own input does so: as often as <paramref name="usual"/>, less where PBFT_PROPERTY_TESTS asks for less.</summary>
    public static int Rounds(int usual) => Tests is null ? usual : Math.Clamp(int.Parse(Tests), 1, usual);

    /// <summary>All of the cases of an exhaustive test; some of them, evenly spread, where PBFT_PROPERTY_TESTS asks for less than usual.</summary>
    public static IEnumerable<T> Cases<T>(IEnumerable<T> all) => IsThorough() ? all : all.Where((_, i) => i % (300 / Rounds(300)) == 0);

    /// <summary>Skips a test that needs a large input, where PBFT_PROPERTY_TESTS asks for less than usual.</summary>
    public static void NeedsLargeInput() => Assert.SkipUnless(IsThorough(), "PBFT_PROPERTY_TESTS asks for little input.");

    /// <summary>Checks that <paramref name="holds"/> throws for nothing that <paramref name="input"/> generates.</summary>
    public static void Holds<T>(Gen<T> input, Action<T> holds, int tests = 300) => Check(input.ToArbitrary(), holds, tests);

    /// <summary>The same for a sequence of steps; where it fails, steps are left out as long as it still does.</summary>
    public static void HoldsForSteps<T>(Gen<T> step, Action<T[]> holds, int tests = 300) =>
        Check(Arb.From(Gen.ArrayOf(step), static steps => steps.Select((_, left) => steps.Where((_, i) => i != left).ToArray())), holds, tests);

    private static void Check<T>(Arbitrary<T> input, Action<T> holds, int tests)
    {
        var replay = FSharpOption<Replay>.Some(new Replay(new Rnd(Seed, 1UL), FSharpOption<int>.None));
        var ran = 0;
        try
        {
            FsCheck.Check.One(
                Config.QuickThrowOnFailure.WithMaxTest(Tests is null ? tests : int.Parse(Tests)).WithReplay(replay),
                Prop.ForAll(input, value =>
                {
                    ran++;
                    holds(value);
                }));
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"PBFT_PROPERTY_SEED={Seed} shows this again: {failure.Message}", failure);
        }

        Assert.True(ran >= (Tests is null ? tests : 1), "Nothing was checked.");
    }
}
