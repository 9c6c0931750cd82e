using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using GenAI.Chats.Grains.Tests.Engine.Support;
using GenAI.Chats.Models;
using GenAI.Chats.Models.Routing;
using GenAI.Chats.V1;
using Google.Rpc;

namespace GenAI.Chats.Grains.Tests.Engine.Simulation;

/// <summary>A model that answers as it likes, with texts that occur once, and keeps what it was sent and said.</summary>
internal sealed class SimulatedModel(Simulator simulator) : IChatModel, IChatModels
{
    /// <summary>All calls.</summary>
    public List<SimulatedCall> Calls { get; } = [];

    public bool TryResolve(string name, [NotNullWhen(true)] out IChatModel? model)
    {
        model = this;
        return true;
    }

    public async IAsyncEnumerable<GenerateContentResponse> GenerateAsync(
        ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var random = simulator.Random;
        var history = await request.ReadHistoryAsync(cancellationToken);
        var call = new SimulatedCall(Messages.Line([.. history, .. request.Contents]));
        Calls.Add(call);
        var chunks = random.Next(0, 4);
        for (var i = 0; i < chunks; i++)
        {
            await simulator.PauseAsync(cancellationToken);
            var text = $"c{Calls.IndexOf(call)}.{i}";
            call.Said.Add(text);
            yield return Messages.Chunk(text, i == chunks - 1 && random.Next(5) > 0 ? "STOP" : "");
        }

        await simulator.PauseAsync(cancellationToken);
        if (random.Next(6) == 0)
        {
            throw new ModelException(Code.Unavailable, ModelErrorReasons.Unavailable, "The simulated model fails.");
        }
    }
}

/// <summary>One call of the model.</summary>
/// <param name="Sent">The history and the message.</param>
internal sealed record SimulatedCall(string Sent)
{
    /// <summary>The texts of the chunks.</summary>
    public List<string> Said { get; } = [];
}
