using System.Text.Json.Nodes;
using GenAI.Chats.Api.Services;
using GenAI.Chats.Api.Validation;
using GenAI.Chats.Api.Web.Calls;
using GenAI.Chats.Api.Web.Rest;

namespace GenAI.Chats.Api.Web.UiStream;

/// <summary>
/// Finds out what a request of a page asks for: a message, an edit, another response, or responses to function calls. IDs of the user's messages are request IDs, so
/// that a message that is sent again joins its turn.
/// </summary>
internal sealed class UiSends(ServiceCalls calls, UiTurns turns)
{
    /// <summary>Returns the request of the service.</summary>
    public async Task<SendMessageRequest> ToRequestAsync(HttpContext http, UiRequest request)
    {
        var send = request switch
        {
            { HasOutputs: true } => New(request, OutputsId(request)),
            { IsRegeneration: true } => await RegenerateAsync(http, request),
            { MessageId: not null } => await ReplaceAsync(http, request),
            _ => New(request, request.LastId),
        };
        (send.Name, send.Model, send.Config) = (request.Name, request.Model, request.Config);
        if (http.Request.Headers.ContainsKey(RestHeaders.IdempotencyKey))
        {
            send.RequestId = "";
        }

        RestHeaders.Read(http.Request, send);
        return send;
    }

    /// <summary>Creates the chat of a first message, unless it exists.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT: the request has no model.</exception>
    public async Task CreateAsync(HttpContext http, UiRequest request)
    {
        if (request.Model.Length == 0)
        {
            throw RpcErrors.Invalid("model", $"is required, because the chat '{request.Name}' doesn't exist");
        }

        var create = new CreateChatRequest { ChatId = request.ChatId, Model = request.Model, Config = request.Config };
        try
        {
            await calls.CallAsync<CreateChatRequest, Chat>(static service => service.CreateChat, create, new WebCall(http, nameof(ChatsService.CreateChat)));
        }
        catch (RpcException exists) when (exists.StatusCode == StatusCode.AlreadyExists)
        {
            // Another request has created it.
        }
    }

    private static SendMessageRequest New(UiRequest request, string requestId) => new() { Message = request.Content, RequestId = requestId };

    // The same outputs, sent again, join their turn. After a failure, the message has other parts.
    private static string OutputsId(UiRequest request) =>
        $"ui-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{request.LastId}\n{request.LastParts}")).AsSpan(0, 16))}";

    private async Task<SendMessageRequest> RegenerateAsync(HttpContext http, UiRequest request) =>
        request.MessageId is { Length: > 0 and <= 64 } turnId && await turns.GetAsync(http, request.Name, turnId) is { Revision: > 0 }
            ? new SendMessageRequest { RegenerateTurnId = turnId }
            : await ReplaceAsync(http, request);

    // The message replaces the one with its ID. If that one has left nothing in the history, it follows the head, as a new message.
    private async Task<SendMessageRequest> ReplaceAsync(HttpContext http, UiRequest request)
    {
        FieldRules.Require(!request.LastId.StartsWith(UiTurns.InitialMark, StringComparison.Ordinal), "messageId", "must not be a message of the initial history, which can't be replaced");
        var send = New(request, "");
        var active = await turns.FindActiveAsync(http, request.Name);
        if (active?.Turn.RequestId == request.LastId)
        {
            (send.AfterRevision, send.OnBusy) = (active.Turn.ParentRevision, BusyPolicy.Rollback);
        }
        else if (await turns.FindSentAsync(http, request.Name, request.LastId) is { Revision: > 0 } sent)
        {
            // The stored message can have more than a page shows.
            if (request.IsRegeneration && JsonNode.DeepEquals(UiContent.ToParts(sent.Message), UiContent.ToParts(request.Content)))
            {
                return new SendMessageRequest { RegenerateTurnId = sent.TurnId };
            }

            send.AfterRevision = sent.ParentRevision;
        }

        return send;
    }
}
