using GenAI.Chats.Models.Tests.Calls.Support;
using GenAI.Chats.TestKit.ScriptedGemini;
using Microsoft.Extensions.AI;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Providers;

/// <summary>Anything that comes from a model shows that it is alive, whether or not it makes a response.</summary>
public sealed class LivenessTests
{
    private static readonly string[] Signs =
    [
        ": a comment\n\n",
        "event: ping\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]}}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"unknown\":\"x\"}}]}\n\n",
        "data: {\"cho",
    ];

    [Theory]
    [InlineData("gemini")]
    [InlineData("vertex")]
    [InlineData("openai")]
    public async Task GenerateAsync_BytesOfAnyKind_AreASignOfLife(string provider)
    {
        await using var world = await ProviderWorld.StartAsync(provider);
        var signs = world.IsGoogles ? [Signs[0], Signs[1], Signs[^1]] : Signs;
        var gates = signs.Select(_ => new Gate()).ToList();
        var reply = ScriptedReply.Stream();
        foreach (var (sign, gate) in signs.Zip(gates))
        {
            reply.WaitFor(gate).Write(sign);
        }

        world.Enqueue(reply.Hang());
        var came = new SemaphoreSlim(0);
        using var cancellation = new CancellationTokenSource();
        var request = Ask("q", model: ProviderWorld.Model) with { OnActivity = () => came.Release() };

        var calling = world.Route.Targets[0].Model.CallAsync(request, cancellation.Token);
        foreach (var gate in gates)
        {
            // The headers, then each of the others.
            Assert.True(await came.WaitAsync(Patience.Limit, CancellationToken.None));
            gate.Open();
        }

        Assert.True(await came.WaitAsync(Patience.Limit, CancellationToken.None));
        Assert.False(calling.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => calling);
    }

    [Fact]
    public async Task GenerateAsync_UpdatesOfAClientThatSayNothing_AreASignOfLife()
    {
        await using var world = await ProviderWorld.StartAsync("client");
        world.Client.Updates.AddRange([new ChatResponseUpdate(), new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent("a", "f")])]);
        var signs = 0;

        await world.Route.Targets[0].Model.CallAsync(Ask("q", model: ProviderWorld.Model) with { OnActivity = () => signs++ });

        Assert.Equal(2, signs);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GenerateAsync_ModelThatMovesWithoutResponses_HasNotStalled(bool hasBegun)
    {
        using var calls = new CallWorld(CallWorld.Patient with
        {
            Timeouts = new() { FirstChunk = TimeSpan.FromMinutes(2), BetweenChunks = TimeSpan.FromMinutes(1), Total = TimeSpan.FromHours(10) },
        });
        var limit = TimeSpan.FromMinutes(hasBegun ? 1 : 2);
        var gate = new TaskCompletionSource();
        calls.Target.Enqueue(hasBegun ? Answers.WaitsFor(gate.Task, "a", "b") : Answers.WaitsFor(gate.Task, "b"));

        var calling = calls.CallAsync();
        var call = await calls.Target.NextCallAsync();
        for (var i = 0; i < 100; i++)
        {
            // The watch is set anew by each sign, so that it is due after the whole limit again.
            Assert.Equal(limit, await calls.Time.WaitForTimerAsync(TimeSpan.FromHours(1)).WaitAsync(Patience.Limit));
            calls.Time.Advance(limit - TimeSpan.FromSeconds(1));
            call.Request.OnActivity!();
        }

        gate.SetResult();
        Assert.EndsWith("b", await calling);
        calls.AssertNothingIsLeft();
    }

    [Fact]
    public async Task GenerateAsync_ModelThatStopsMoving_HasStalledAfterTheLimit()
    {
        using var calls = new CallWorld(CallWorld.Patient with { Retry = new() { MaxAttempts = 1 }, Timeouts = new() { Total = TimeSpan.FromHours(10) } });
        calls.Target.Enqueue(Answers.Hangs());

        var failing = calls.FailAsync();
        var call = await calls.Target.NextCallAsync();
        await calls.Time.WaitForTimerAsync(TimeSpan.FromHours(1)).WaitAsync(Patience.Limit);
        calls.Time.Advance(TimeSpan.FromMinutes(1));
        call.Request.OnActivity!();
        Assert.Equal(TimeSpan.FromMinutes(2), await calls.PassAsync());

        Assert.Equal(ModelErrorReasons.Stalled, (await failing).Reason);
        // Late signs of life of a model that was given up do no harm.
        call.Request.OnActivity!();
    }
}
