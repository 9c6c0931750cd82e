using Xunit.Abstractions;

namespace GenAI.Chats.Engine.Tests.Simulation.Trees;

/// <summary>
/// Whatever clients do with branches and forks, and whatever befalls servers, each chat is at each instant what a plain model of it says. A seed that failed
/// once becomes a row of the first test.
/// </summary>
public sealed class RandomTreeTests(ITestOutputHelper output)
{
    // A build runs the same seeds each time. CHATS_SIMULATIONS sets a number of other, random ones, for a run by hand.
    private static readonly int? RandomRuns =
        int.TryParse(Environment.GetEnvironmentVariable("CHATS_SIMULATIONS"), out var given) ? given : null;

    [Theory]
    [InlineData(1)]
    public void Trees_KnownSeed_AreAsTheModelSays(int seed) => new SimulatedTrees(seed).Run();

    [Fact]
    public void Trees_RandomRuns_AreAsTheModelSays()
    {
        var first = RandomRuns is null ? 1 : Random.Shared.Next();
        output.WriteLine($"seeds from {first}");
        for (var seed = first; seed != unchecked(first + (RandomRuns ?? 200)); seed = unchecked(seed + 1))
        {
            try
            {
                new SimulatedTrees(seed).Run();
            }
            catch (Exception)
            {
                output.WriteLine($"seed {seed}");
                throw;
            }
        }
    }
}
