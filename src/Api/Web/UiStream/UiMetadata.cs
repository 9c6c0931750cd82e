using System.Text.Json.Nodes;
using GenAI.Chats.Api.Web.Json;

namespace GenAI.Chats.Api.Web.UiStream;

/// <summary>The metadata of messages: the facts about a turn that a page can show, or needs for other methods of the API.</summary>
internal static class UiMetadata
{
    /// <summary>Returns the metadata of a turn.</summary>
    public static JsonObject Of(Turn turn) => JsonNode.Parse(ContractWriter.ToBytes(new Turn
    {
        TurnId = turn.TurnId,
        State = turn.State,
        Attempt = turn.Attempt,
        Revision = turn.Revision,
        Model = turn.Model,
        FinishReason = turn.FinishReason,
        Usage = turn.Usage,
        Error = turn.Error,
    }))!.AsObject();
}
