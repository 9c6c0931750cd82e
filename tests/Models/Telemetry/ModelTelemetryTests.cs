using System.Diagnostics.Metrics;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.Models.Telemetry;
using GenAI.Chats.Models.Tests.Calls.Support;
using GenAI.Chats.TestKit;
using GenAI.Chats.V1;
using static GenAI.Chats.Models.Tests.Calls.Support.Answers;
using static GenAI.Chats.Models.Tests.Requests;

namespace GenAI.Chats.Models.Tests.Telemetry;

/// <summary>What is measured of calls. Their spans are tested with a real server, and a collector.</summary>
public sealed class ModelTelemetryTests : IDisposable
{
    private readonly Measurements _measurements = new();

    [Fact]
    public async Task Stream_Answered_IsMeasuredAsTheConventionsHaveIt()
    {
        var response = Chunk("ok", "STOP");
        response.ModelVersion = "model-1.0";
        response.UsageMetadata = new UsageMetadata { PromptTokenCount = 5, ToolUsePromptTokenCount = 1, CandidatesTokenCount = 7, ThoughtsTokenCount = 2 };

        await CallAsync(new ModelRoute { Name = "*", Provider = "one" }, stream: true, Of(response));

        const string Call = "gen_ai.operation.name=chat, gen_ai.provider.name=one, gen_ai.request.model=model, gen_ai.response.model=model-1.0";
        Assert.Equal(
            [
                $"gen_ai.client.operation.duration{{{Call}}}",
                $"gen_ai.client.operation.time_to_first_chunk{{{Call}}}",
                $"gen_ai.client.token.usage{{{Call}, gen_ai.token.type=input}} 6",
                $"gen_ai.client.token.usage{{{Call}, gen_ai.token.type=output}} 9",
            ],
            _measurements.Lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Unary_Fails_NeitherItsNameNorAFirstChunkIsMeasured()
    {
        var failure = NotFound();

        await Assert.ThrowsAsync<ModelException>(() => CallAsync(new ModelRoute { Name = "*", Provider = "one" }, stream: false, Fails(failure)));

        Assert.Equal(
            [$"gen_ai.client.operation.duration{{gen_ai.operation.name=chat, gen_ai.provider.name=one, gen_ai.request.model=_OTHER, error.type={failure.Reason}}}"],
            _measurements.Lines);
    }

    [Fact]
    public async Task Stream_FirstTargetFails_IsMeasuredAsTheOneThatAnswers()
    {
        var route = new ModelRoute
        {
            Name = "*",
            Targets = [new ModelTarget { Provider = "one" }, new ModelTarget { Provider = "two", Model = "other" }],
        };

        await CallAsync(route, stream: true, Fails(Unavailable()), Text("ok"));

        Assert.Contains("chats.model.failovers{chats.model.route=*, error.type=MODEL_UNAVAILABLE} 1", _measurements.Lines);
        Assert.Contains("gen_ai.client.operation.duration{gen_ai.operation.name=chat, gen_ai.provider.name=two, gen_ai.request.model=other}", _measurements.Lines);
    }

    [Fact]
    public async Task Stream_CallerLeaves_IsCancelled()
    {
        using var world = new World(_measurements, new ModelRoute { Name = "*", Provider = "one" }, [Text("one", "two")]);

        await foreach (var response in world.Model.GenerateAsync(Ask("hi", model: "model"), CancellationToken.None))
        {
            Assert.NotNull(response);
            break;
        }

        Assert.Contains(_measurements.Lines, line => line.StartsWith("gen_ai.client.operation.duration", StringComparison.Ordinal)
            && line.Contains("error.type=CANCELLED", StringComparison.Ordinal));
    }

    [Fact]
    public void Routes_Asked_TellTheirState()
    {
        using var world = new World(_measurements, new ModelRoute { Name = "*", Provider = "one" }, []);

        _measurements.Observe();

        Assert.Equal(
            [
                "chats.model.breaker.state{chats.model.route=*, chats.model.target=0, gen_ai.provider.name=one} 0",
                "chats.model.calls.running{chats.model.route=*} 0",
                "chats.model.calls.waiting{chats.model.route=*} 0",
            ],
            _measurements.Lines);
    }

    [Fact]
    public void Begin_WithoutListeners_IsNothing() =>
        Assert.Null(new ModelTelemetry(TimeProvider.System).Begin(new ModelIdentity("one", "chat", null), Ask("hi")));

    public void Dispose() => _measurements.Dispose();

    private async Task CallAsync(ModelRoute route, bool stream, params Answer[] answers)
    {
        using var world = new World(_measurements, route, answers);
        await world.Model.CallAsync(Ask("hi", stream, model: "model"));
    }

    private sealed class World : IDisposable
    {
        public World(IMeterFactory meters, ModelRoute route, Answer[] answers)
        {
            var time = new ManualTimeProvider();
            var target = new ScriptedTarget(time);
            target.Enqueue(answers);
            Model = new Models.Calls.RouteModel(route, _ => target, time, new RecordedLog(), new ModelTelemetry(time, meters));
        }

        public Models.Calls.RouteModel Model { get; }

        public void Dispose() => Model.Dispose();
    }
}
