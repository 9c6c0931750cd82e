using GenAI.Chats.TestKit;
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

    private const int MaxFailures = 10;

    [Theory]
    [InlineData(1)]
    [InlineData(2042641165)]
    [InlineData(1719020861)]
    [InlineData(1719021277)]
    [InlineData(1719021270)]
    [InlineData(1719020657)]
    [InlineData(1719021818)]
    [InlineData(1886555387)]
    [InlineData(1886555561)]
    [InlineData(1886555256)]
    [InlineData(1886555431)]
    [InlineData(1886555585)]
    [InlineData(234559930)]
    [InlineData(234562330)]
    [InlineData(234562948)]
    [InlineData(10)]
    [InlineData(98)]
    [InlineData(175)]
    public void Trees_KnownSeed_AreAsTheModelSays(int seed)
    {
        var trees = new SimulatedTrees(seed);
        try
        {
            trees.Run();
        }
        catch (Exception)
        {
            trees.Commits.ForEach(output.WriteLine);
            throw;
        }
    }

    [Fact]
    public void Trees_RandomRuns_AreAsTheModelSays()
    {
        var first = RandomRuns is null ? 1 : Random.Shared.Next();
        var failures = new List<string>();
        for (var i = 0; i < (RandomRuns ?? Suite.Pick(50, inLongRuns: 200)) && failures.Count < MaxFailures; i++)
        {
            try
            {
                new SimulatedTrees(unchecked(first + i)).Run();
            }
            catch (Exception failure)
            {
                failures.Add($"seed {unchecked(first + i)}: {failure.Message}");
            }
        }

        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }
}
