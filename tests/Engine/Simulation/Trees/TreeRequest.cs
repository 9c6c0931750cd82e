using GenAI.Chats.Engine.Sessions;
using GenAI.Chats.Engine.Storage;
using GenAI.Chats.Engine.Tests.Support;
using GenAI.Chats.V1;
using Google.Protobuf;

namespace GenAI.Chats.Engine.Tests.Simulation.Trees;

/// <summary>A request that a client makes until it is answered, and that can be made again later.</summary>
/// <param name="ChatId">The chat that it goes to.</param>
/// <param name="RequestId">Its request ID.</param>
/// <param name="Message">What it asks for.</param>
internal sealed record TreeRequest(string ChatId, string RequestId, IMessage Message)
{
    /// <summary>The turns that acknowledgements named.</summary>
    public List<string> TurnIds { get; } = [];

    /// <summary>Makes the request.</summary>
    /// <returns>The ID of the turn; empty if it creates no turn.</returns>
    public async Task<string> CallAsync(ChatSession session)
    {
        switch (Message)
        {
            case SendMessageRequest send:
                return (await session.AcceptAsync(TurnRequest.From(send, stream: true))).TurnId;
            case RecordHistoryRequest record:
                return (await session.AcceptAsync(TurnRequest.From(record))).TurnId;
            case RewindChatRequest rewind:
                await session.RewindAsync(rewind, CancellationToken.None);
                break;
            case ForkChatRequest fork:
                await session.ForkAsync(fork, new ChatKey(ChatWorld.Tenant, SourceOf(fork)));
                break;
            case CreateChatRequest create:
                await session.CreateAsync(create);
                break;
            case UpdateChatRequest update:
                await session.UpdateAsync(update);
                break;
            default:
                await session.DeleteAsync(RequestId);
                break;
        }

        return "";
    }

    public static string SourceOf(ForkChatRequest fork) => fork.Name["chats/".Length..];
}
