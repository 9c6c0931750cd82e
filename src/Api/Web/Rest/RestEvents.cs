using GenAI.Chats.Api.Web.Json;
using GenAI.Chats.Api.Web.Streams;

namespace GenAI.Chats.Api.Web.Rest;

/// <summary>Converts the service's encoded events. An event's name is the member that it has.</summary>
/// <param name="isOfChat">Whether they are events of a chat, not of a turn.</param>
/// <param name="after">The offset of the last event that the client has.</param>
internal sealed class RestEvents(bool isOfChat, long after)
{
    /// <summary>Gets whether the last event of a turn or a chat was converted.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Converts an event. Null: the client has it.</summary>
    public ServerSentEvent? Convert(byte[] encoded) => isOfChat ? Convert(ChatEvent.Parser.ParseFrom(encoded)) : Convert(TurnEvent.Parser.ParseFrom(encoded));

    private ServerSentEvent Convert(ChatEvent next)
    {
        HasEnded |= next.EventCase == ChatEvent.EventOneofCase.Deleted;
        return new(next.Token, Name(next, ChatEvent.Descriptor.Oneofs[0]), ContractWriter.ToBytes(next));
    }

    private ServerSentEvent? Convert(TurnEvent next)
    {
        HasEnded |= next.EventCase == TurnEvent.EventOneofCase.Ended;
        return next.Offset <= after
            ? null
            : new(next.Offset.ToString(CultureInfo.InvariantCulture), Name(next, TurnEvent.Descriptor.Oneofs[0]), ContractWriter.ToBytes(next));
    }

    private static string? Name(IMessage next, Google.Protobuf.Reflection.OneofDescriptor oneof) => oneof.Accessor.GetCaseFieldDescriptor(next)?.JsonName;
}
