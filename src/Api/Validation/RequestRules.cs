using GenAI.Chats.Engine;
using Google.Protobuf.WellKnownTypes;

namespace GenAI.Chats.Api.Validation;

/// <summary>
/// Checks requests before anything is done. The chat checks the rules that depend on its state.
/// </summary>
internal sealed class RequestRules(IOptions<ChatsOptions> options, TimeProvider time)
{
    // 100 years.
    private const long MaxTtlSeconds = 100L * 365 * 24 * 60 * 60;

    private static readonly string[] Changeable = ["model", "config", "display_name", "labels", "ttl", "expire_time"];
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
        CheckExpiry(request.Ttl, "ttl", request.ExpireTime, "expire_time");
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
            if (!Changeable.Contains(path))
            {
                throw RpcErrors.Invalid("update_mask", $"has the unsupported path \"{path}\"; {SupportedPaths}", ("value", path));
            }
        }

        if (paths.Contains("model"))
        {
            FieldRules.CheckModel(chat.Model, "chat.model");
        }

        CheckExpiry(
            paths.Contains("ttl") ? chat.Ttl : null, "chat.ttl", paths.Contains("expire_time") ? chat.ExpireTime : null, "chat.expire_time");
        FieldRules.CheckDisplayName(chat.DisplayName, "chat.display_name");
        FieldRules.CheckLabels(chat.Labels, "chat.labels");
        FieldRules.CheckSize(request, "chat.config", options.Value.MaxMessageBytes);
    }

    public void Check(SendMessageRequest request)
    {
        switch (request.InputCase)
        {
            case SendMessageRequest.InputOneofCase.None:
                throw RpcErrors.Invalid("message", "or text is required");
            case SendMessageRequest.InputOneofCase.Text:
                FieldRules.Require(request.Text.Length > 0, "text", "must not be empty");
                break;
            case SendMessageRequest.InputOneofCase.Message:
                ContentRules.CheckMessage(request.Message, "message");
                ContentRules.CheckCounts([request.Message], "message", options.Value);
                break;
            case SendMessageRequest.InputOneofCase.RegenerateTurnId:
                FieldRules.CheckTurnId(request.RegenerateTurnId, "regenerate_turn_id");
                FieldRules.Require(!request.HasAfterRevision, "after_revision", "can't be combined with regenerate_turn_id");
                break;
        }

        var field = request.InputCase == SendMessageRequest.InputOneofCase.Text ? "text" : "message";
        FieldRules.CheckModel(request.Model, "model", isRequired: false);
        FieldRules.CheckNotNegative(request.AfterRevision, "after_revision");
        FieldRules.CheckSize(request, field, options.Value.MaxMessageBytes);
        FieldRules.CheckRequestId(request.RequestId);
        FieldRules.CheckNotNegative(request.ExpectedRevision, "expected_revision");
        FieldRules.CheckDefined(request.ConfigMode, "config_mode");
        FieldRules.CheckDefined(request.OnBusy, "on_busy");
        FieldRules.CheckDefined(request.OnDisconnect, "on_disconnect");
    }

    public void Check(RecordHistoryRequest request)
    {
        if (request.Contents.Count > 0)
        {
            if (request.UserInput is not null || request.ModelOutput.Count > 0)
            {
                throw RpcErrors.Invalid("contents", "can't be combined with user_input or model_output");
            }

            ContentRules.CheckHistory(request.Contents, "contents");
            ContentRules.CheckCounts(request.Contents, "contents", options.Value);
        }
        else
        {
            ContentRules.CheckMessage(request.UserInput, "user_input");
            ContentRules.CheckCounts([request.UserInput], "user_input", options.Value);
        }

        ContentRules.CheckHistory(request.ModelOutput, "model_output", mayBeEmpty: true);
        ContentRules.CheckCounts(request.ModelOutput, "model_output", options.Value);
        FieldRules.CheckSize(request, "model_output", options.Value.MaxMessageBytes);
        FieldRules.CheckRequestId(request.RequestId);
        FieldRules.CheckNotNegative(request.ExpectedRevision, "expected_revision");
    }

    public void Check(ForkChatRequest request)
    {
        if (request.ChatId.Length > 0 && !ChatName.IsId(request.ChatId))
        {
            throw RpcErrors.Invalid("chat_id", ChatName.IdRule, ("value", request.ChatId));
        }

        FieldRules.CheckNotNegative(request.Revision, "revision");
        FieldRules.CheckModel(request.Model, "model", isRequired: false);
        FieldRules.CheckRequestId(request.RequestId);
        FieldRules.CheckDisplayName(request.DisplayName, "display_name");
        FieldRules.CheckLabels(request.Labels, "labels");
        CheckExpiry(request.Ttl, "ttl", null, "expire_time");
        FieldRules.CheckSize(request, "config", options.Value.MaxMessageBytes);
    }

    public static void Check(RewindChatRequest request)
    {
        FieldRules.CheckNotNegative(request.Revision, "revision");
        FieldRules.CheckNotNegative(request.ExpectedRevision, "expected_revision");
        FieldRules.CheckRequestId(request.RequestId);
        FieldRules.CheckDefined(request.OnBusy, "on_busy");
        if (request.OnBusy is BusyPolicy.Enqueue)
        {
            throw RpcErrors.Invalid("on_busy", "must be REJECT, INTERRUPT, or ROLLBACK");
        }
    }

    public static void Check(ListTurnsRequest request)
    {
        FieldRules.CheckNotNegative(request.PageSize, "page_size");
        FieldRules.CheckNotNegative(request.Revision, "revision");
        FieldRules.CheckDefined(request.View, "view");
        if (request is { AllBranches: true, HasRevision: true })
        {
            throw RpcErrors.Invalid("revision", "can't be combined with all_branches");
        }

        if (request is { IncludeUnrecorded: true, AllBranches: false })
        {
            throw RpcErrors.Invalid("include_unrecorded", "requires all_branches");
        }
    }

    public static void Check(GetTurnRequest request)
    {
        if (request.TurnRequestId.Length == 0)
        {
            FieldRules.CheckTurnId(request.TurnId);
            return;
        }

        FieldRules.CheckRequestId(request.TurnRequestId, "turn_request_id");
        FieldRules.Require(request.TurnId is "" or "-", "turn_id", "can't be combined with turn_request_id");
    }

    public static void Check(ReadTurnRequest request)
    {
        FieldRules.CheckTurnId(request.TurnId);
        FieldRules.CheckNotNegative(request.AfterOffset, "after_offset");
    }

    private void CheckExpiry(Duration? ttl, string ttlField, Timestamp? expireTime, string expireField)
    {
        if (ttl is not null && expireTime is not null)
        {
            throw RpcErrors.Invalid(expireField, $"can't be combined with {ttlField}");
        }

        if (ttl is not null && (ttl.Nanos is < 0 or > 999_999_999 || ttl.Seconds is < 0 or > MaxTtlSeconds || ttl is { Seconds: 0, Nanos: 0 }))
        {
            throw RpcErrors.Invalid(ttlField, $"must be more than 0 s and at most {MaxTtlSeconds} s");
        }

        if (expireTime is not null && (!FieldRules.IsValid(expireTime) || expireTime.ToDateTimeOffset() <= time.GetUtcNow()))
        {
            throw RpcErrors.Invalid(expireField, "must be in the future, and before the year 10000");
        }
    }
}
