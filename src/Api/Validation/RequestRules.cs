using GenAI.Chats.Api.Errors;
using GenAI.Chats.Engine;
using GenAI.Chats.V1;
using Microsoft.Extensions.Options;

namespace GenAI.Chats.Api.Validation;

/// <summary>
/// Checks requests before anything is done. The chat checks the rules that depend on its state.
/// </summary>
internal sealed class RequestRules(IOptions<ChatsOptions> options)
{
    private static readonly string[] Changeable = ["model", "config", "display_name", "labels"];
    private static readonly string SupportedPaths = $"supported paths: {string.Join(", ", Changeable)}";

    public void Check(CreateChatRequest request)
    {
        FieldRules.CheckModel(request.Model, "model");
        if (request.ChatId.Length > 0 && !ChatName.IsId(request.ChatId))
        {
            throw RpcErrors.Invalid("chat_id", ChatName.IdRule, ("value", request.ChatId));
        }

        FieldRules.CheckRequestId(request.RequestId);
        FieldRules.CheckDisplayName(request.DisplayName, "display_name");
        FieldRules.CheckLabels(request.Labels, "labels");
        if (request.Ttl is not null)
        {
            throw RpcErrors.Unimplemented("ttl");
        }

        ContentRules.CheckHistory(request.History, "history");
        FieldRules.CheckSize(request, request.History.Count > 0 ? "history" : "config", options.Value.MaxMessageBytes);
        ContentRules.CheckCounts(request.History, "history", options.Value);
    }

    public void Check(UpdateChatRequest request)
    {
        if (request.Chat is not { } chat)
        {
            throw RpcErrors.Invalid("chat", "is required");
        }

        if (request.UpdateMask is not { Paths.Count: > 0 } mask)
        {
            throw RpcErrors.Invalid("update_mask", $"is required; {SupportedPaths}");
        }

        foreach (var path in mask.Paths)
        {
            if (path == "ttl")
            {
                throw RpcErrors.Unimplemented("chat.ttl");
            }

            if (!Changeable.Contains(path))
            {
                throw RpcErrors.Invalid("update_mask", $"has the unsupported path \"{path}\"; {SupportedPaths}", ("value", path));
            }
        }

        if (mask.Paths.Contains("model"))
        {
            FieldRules.CheckModel(chat.Model, "chat.model");
        }

        FieldRules.CheckDisplayName(chat.DisplayName, "chat.display_name");
        FieldRules.CheckLabels(chat.Labels, "chat.labels");
        FieldRules.CheckSize(request, "chat.config", options.Value.MaxMessageBytes);
    }

    public void Check(SendMessageRequest request)
    {
        switch (request.InputCase)
        {
            case SendMessageRequest.InputOneofCase.Text when request.Text.Length == 0:
                throw RpcErrors.Invalid("text", "must not be empty");
            case SendMessageRequest.InputOneofCase.Text:
                break;
            case SendMessageRequest.InputOneofCase.Message:
                ContentRules.CheckMessage(request.Message, "message");
                ContentRules.CheckCounts([request.Message], "message", options.Value);
                break;
            default:
                throw RpcErrors.Invalid("message", "or text is required");
        }

        var field = request.InputCase == SendMessageRequest.InputOneofCase.Text ? "text" : "message";
        FieldRules.CheckSize(request, field, options.Value.MaxMessageBytes);
        FieldRules.CheckRequestId(request.RequestId);
        FieldRules.CheckNotNegative(request.ExpectedRevision, "expected_revision");
        FieldRules.CheckDefined(request.ConfigMode, "config_mode");
        FieldRules.CheckDefined(request.OnBusy, "on_busy");
        FieldRules.CheckDefined(request.OnDisconnect, "on_disconnect");
    }

    public void Check(RecordHistoryRequest request)
    {
        ContentRules.CheckMessage(request.UserInput, "user_input");
        ContentRules.CheckCounts([request.UserInput], "user_input", options.Value);
        ContentRules.CheckHistory(request.ModelOutput, "model_output", mayBeEmpty: true);
        ContentRules.CheckCounts(request.ModelOutput, "model_output", options.Value);
        FieldRules.CheckSize(request, "model_output", options.Value.MaxMessageBytes);
        FieldRules.CheckRequestId(request.RequestId);
        FieldRules.CheckNotNegative(request.ExpectedRevision, "expected_revision");
    }

    public static void Check(ReadTurnRequest request)
    {
        FieldRules.CheckTurnId(request.TurnId);
        FieldRules.CheckNotNegative(request.AfterOffset, "after_offset");
    }
}
