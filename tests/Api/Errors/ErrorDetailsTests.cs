using System.Text;
using GenAI.Chats.Api.Errors;
using GenAI.Chats.Api.Tests.Hosting;
using GenAI.Chats.Engine.Errors;
using GenAI.Chats.Engine.Limits;
using GenAI.Chats.V1;
using Google.Rpc;
using Grpc.Core;

namespace GenAI.Chats.Api.Tests.Errors;

/// <summary>The details of statuses, next to the reason.</summary>
public sealed class ErrorDetailsTests
{
    private const string Name = "chats/a";

    // nginx accepts 4 KiB by default. The other headers are smaller than 500 bytes.
    private const int MaxLength = 3_500;

    [Fact]
    public void From_MissingChat_NamesTheChat()
    {
        var failure = Of(ChatErrors.ChatNotFound("a"), chatName: null);

        Assert.Equal(("genai.chats.v1.Chat", Name), (failure.Resource!.ResourceType, failure.Resource.ResourceName));
        Assert.Equal("Chat 'chats/a' not found.", failure.Message);
    }

    [Fact]
    public void From_ExistingChat_NamesTheChat()
    {
        var failure = Of(ChatErrors.ChatExists("a"), chatName: null);

        Assert.Equal((Name, "chat_id"), (failure.Resource!.ResourceName, failure.Field));
    }

    [Fact]
    public void From_MissingTurn_NamesTheTurnOfTheRequestsChat()
    {
        var failure = Of(ChatErrors.TurnNotFound("t"));

        Assert.Equal(("genai.chats.v1.Turn", "chats/a/turns/t"), (failure.Resource!.ResourceType, failure.Resource.ResourceName));
        Assert.DoesNotContain("turn_id", failure.Metadata.Keys);
    }

    [Fact]
    public void From_FullQueue_NamesTheQuotaOfTheChat()
    {
        var violation = Of(ChatErrors.QueueFull(16)).Quota!.Violations.Single();

        Assert.Equal((Name, "MaxQueuedTurns", 16L), (violation.Subject, violation.QuotaId, violation.QuotaValue));
        Assert.Equal("The chat's queue is full (limit: 16 turns). Retry after the delay in RetryInfo.", violation.Description);
    }

    [Fact]
    public void From_TenantsLimit_NamesTheQuotaOfTheTenant()
    {
        var failure = Of(LimitErrors.TurnsPerMinute(60, TimeSpan.FromSeconds(3)));
        var violation = failure.Quota!.Violations.Single();

        Assert.Equal(("tenant", "TurnsPerMinute", 60L), (violation.Subject, violation.QuotaId, violation.QuotaValue));
        Assert.Equal(TimeSpan.FromSeconds(3), failure.RetryDelay);
    }

    [Fact]
    public void From_BusyChat_NamesThePrecondition()
    {
        var violation = Of(ChatErrors.Busy()).Precondition!.Violations.Single();

        Assert.Equal(("CHAT_BUSY", Name), (violation.Type, violation.Subject));
    }

    [Fact]
    public void From_OtherRevision_HasBothRevisions()
    {
        var failure = Of(ChatErrors.RevisionMismatch(3, 5));

        Assert.Equal(("3", "5"), (failure.Metadata["expected_revision"], failure.Metadata["revision"]));
        Assert.Equal((null, null, null), (failure.Resource, failure.Quota, failure.Precondition));
    }

    [Fact]
    public void From_FailedTurn_NamesTheTurn()
    {
        var turn = new Turn { TurnId = "t", State = Turn.Types.State.Failed, Error = new() { Code = (int)Code.ResourceExhausted, Reason = "MODEL_QUOTA_EXCEEDED", Message = "m" } };

        var failure = Failure.Of(RpcErrors.From(turn));

        Assert.Equal(("t", "turns/t"), (failure.Metadata["turn_id"], failure.Quota!.Violations.Single().Subject));
    }

    [Fact]
    public void Invalid_Value_IsInTheMetadata()
    {
        var failure = Failure.Of(RpcErrors.Invalid("labels", "must have at most 64 entries", ("limit_value", 64)));

        Assert.Equal("labels must have at most 64 entries.", failure.Message);
        Assert.Equal(("labels", "64"), (failure.Metadata["field"], failure.Metadata["limit_value"]));
    }

    [Fact]
    public void Invalid_LongValues_FitIntoHeaders()
    {
        var status = RpcErrors.Invalid(new string('\u2603', 10_000), new string('\u2603', 10_000), ("value", new string('\u2603', 10_000)));

        Assert.InRange(LengthOf(status), 1, MaxLength);
        Assert.Equal("INVALID_FIELD", Failure.Of(status).Reason);
    }

    [Theory]
    [InlineData("x", 1_024)]
    [InlineData("%", 1_024)]
    [InlineData("\u00e9", 512)]
    [InlineData("\u7121", 341)]
    [InlineData("\ud83d\ude00", 256)]
    public void From_LongMessage_FitsIntoHeadersAndIsCompleteInTheDetails(string letter, int count)
    {
        var text = string.Concat(Enumerable.Repeat(letter, count));

        var status = RpcErrors.From(new ChatException(Code.InvalidArgument, "MODEL_INVALID_REQUEST", text) { Field = "config" });

        Assert.InRange(LengthOf(status), 1, MaxLength);
        Assert.Equal(text, status.GetRpcStatus()!.Message);
        Assert.StartsWith(status.Status.Detail.TrimEnd('.'), text, StringComparison.Ordinal);
        var failure = Failure.Of(status);
        Assert.Equal(("MODEL_INVALID_REQUEST", "config"), (failure.Reason, failure.Field));
    }

    // As it is in the headers of HTTP/2, without compression.
    private static int LengthOf(RpcException status) =>
        Encoding.UTF8.GetBytes(status.Status.Detail).Sum(static value => value is >= 0x20 and <= 0x7e and not (byte)'%' ? 1 : 3)
        + Convert.ToBase64String(status.Trailers.GetValueBytes("grpc-status-details-bin")!).Length;

    private static Failure Of(ChatException error, string? chatName = Name) => Failure.Of(RpcErrors.From(error, chatName));
}
