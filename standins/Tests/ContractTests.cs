using Grpc.Core;

namespace GenAI.Chats.StandIns;

/// <summary>What the contract types do by themselves, without a server.</summary>
public sealed class ContractTests
{
    [Fact]
    public void Metadata_FindsTheLastOfAKeyInAnyCase()
    {
        var metadata = new Metadata { { "Key", "first" }, { "other", "x" }, { "KEY", "last" } };

        Assert.Equal("last", metadata.GetValue("kEy"));
        Assert.Equal(["first", "last"], metadata.GetAll("key").Select(entry => entry.Value));
        Assert.Equal("key", metadata[0].Key);
        Assert.Null(metadata.Get("absent"));
    }

    [Theory]
    [InlineData("key with space")]
    [InlineData("schlüssel")]
    [InlineData("a:b")]
    public void Entry_WithAKeyThatHeadersCannotHave_IsRefused(string key)
    {
        Assert.Throws<ArgumentException>(() => new Metadata.Entry(key, "x"));
    }

    [Fact]
    public void Entry_IsTextOrBytesByItsKey()
    {
        byte[] bytes = [1, 2];
        var binary = new Metadata.Entry("x-bin", bytes);
        bytes[0] = 9;

        Assert.True(binary.IsBinary);
        Assert.Equal<byte[]>([1, 2], binary.ValueBytes);
        Assert.Throws<InvalidOperationException>(() => binary.Value);
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("x-bin", "text"));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("x", bytes));
        Assert.Equal("text"u8.ToArray(), new Metadata.Entry("x", "text").ValueBytes);
    }

    [Fact]
    public void EmptyMetadata_CannotBeChanged()
    {
        Assert.True(Metadata.Empty.IsReadOnly);
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("key", "value"));
        Assert.Empty(new RpcException(Status.DefaultCancelled).Trailers);
    }

    [Fact]
    public void RpcException_SaysItsStatus()
    {
        var cause = new TimeoutException("late");
        var failure = new RpcException(new Status(StatusCode.Internal, "broken", cause));

        Assert.Equal(
            "Status(StatusCode=\"Internal\", Detail=\"broken\", DebugException=\"System.TimeoutException: late\")", failure.Message);
        Assert.Same(cause, failure.InnerException);
        Assert.Equal("Status(StatusCode=\"OK\", Detail=\"\")", Status.DefaultSuccess.ToString());
    }

    [Fact]
    public void CallOptions_With_ChangesACopy()
    {
        var options = new CallOptions(deadline: DateTime.UnixEpoch);
        var changed = options.WithHeaders([]).WithWaitForReady().WithWriteOptions(new WriteOptions(WriteFlags.NoCompress));

        Assert.Null(options.Headers);
        Assert.False(options.IsWaitForReady);
        Assert.True(changed.IsWaitForReady);
        Assert.Equal(WriteFlags.NoCompress, changed.WriteOptions?.Flags);
        Assert.Equal(DateTime.UnixEpoch, changed.Deadline);
        Assert.False(changed.WithWaitForReady(false).IsWaitForReady);
    }

    [Fact]
    public void ServiceDefinition_HandsEveryMethodToTheBinder()
    {
        var binder = new Names();

        Echo.BindService(new EchoService()).BindService(binder);

        Assert.Equal(["Once", "Repeat", "Join", "Each", "Hang", "Fail"], binder.All);
    }

    [Fact]
    public void ServiceDefinition_RefusesAMethodTwice()
    {
        var method = new Method<string, string>(
            MethodType.Unary, "service", "name", Marshallers.StringMarshaller, Marshallers.StringMarshaller);
        var builder = ServerServiceDefinition.CreateBuilder().AddMethod(method, (request, _) => Task.FromResult(request));

        Assert.Throws<ArgumentException>(() => builder.AddMethod(method, (request, _) => Task.FromResult(request)));
    }

    [Fact]
    public void Client_WithHost_NamesTheHostInItsCalls()
    {
        var invoker = new HostRecorder();

        new Echo.EchoClient(invoker).WithHost("elsewhere").Once(new Said());

        Assert.Equal("elsewhere", invoker.Host);
    }

    private sealed class Names : ServiceBinderBase
    {
        public List<string> All { get; } = [];

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler) => All.Add(method.Name);

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler) => All.Add(method.Name);

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler) => All.Add(method.Name);

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler) => All.Add(method.Name);
    }

    private sealed class HostRecorder : CallInvoker
    {
        public string? Host { get; private set; }

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        {
            Host = host;
            return (TResponse)(object)request;
        }

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();
    }
}
