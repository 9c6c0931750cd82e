using GenAI.Chats.Engine;

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
        FieldRules.Require(request.Chat is not null, "chat", "is required");
        FieldRules.Require(request.UpdateMask is { Paths.Count: > 0 }, "update_mask", $"is required; {SupportedPaths}");
        var (chat, paths) = (request.Chat!, request.UpdateMask!.Paths);
        foreach (var path in paths)
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

        if (paths.Contains("model"))
        {
            FieldRules.CheckModel(chat.Model, "chat.model");
        }

        FieldRules.CheckDisplayName(chat.DisplayName, "chat.display_name");
        FieldRules.CheckLabels(chat.Labels, "chat.labels");
        FieldRules.CheckSize(request, "chat.config", options.Value.MaxMessageBytes);
    }

    public void Check(SendMessageRequest request)
    {
        FieldRules.Require(request.InputCase != SendMessageRequest.InputOneofCase.None, "message", "or text is required");
        var isText = request.InputCase == SendMessageRequest.InputOneofCase.Text;
        FieldRules.Require(!isText || request.Text.Length > 0, "text", "must not be empty");
        if (!isText)
        {
            ContentRules.CheckMessage(request.Message, "message");
            ContentRules.CheckCounts([request.Message], "message", options.Value);
        }

        FieldRules.CheckSize(request, isText ? "text" : "message", options.Value.MaxMessageBytes);
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
