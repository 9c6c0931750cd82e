using Aspire.Hosting.ApplicationModel;

namespace GenAI.Chats.Aspire.Hosting;

/// <summary>The GenAI Chats service as a container.</summary>
/// <param name="name">The resource's name.</param>
public sealed class ChatsResource(string name) : ContainerResource(name), IResourceWithConnectionString
{
    internal const string GrpcEndpointName = "grpc";
    internal const string HttpEndpointName = "http";

    /// <summary>Gets the endpoint for gRPC, without TLS.</summary>
    public EndpointReference GrpcEndpoint => new(this, GrpcEndpointName);

    /// <summary>Gets the endpoint for REST, gRPC-Web, the console, and health checks.</summary>
    public EndpointReference HttpEndpoint => new(this, HttpEndpointName);

    /// <summary>Gets the connection string: <c>Endpoint=http://HOST:PORT</c>, with the gRPC endpoint.</summary>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"Endpoint={GrpcEndpoint.Property(EndpointProperty.Url)}");
}
